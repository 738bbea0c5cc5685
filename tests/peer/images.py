"""Ops on images beyond convolution: borders, other sizes, bins."""
import torch
import torch.nn.functional as F

from linear import ACTIVATIONS, or_one
from op_table import op


def transposed_size(p, x, w, axis):
    return ((x.shape[2 + axis] - 1) * (p.stride[axis] or 1) - 2 * p.pad[axis] + p.output_pad[axis] + 1
            + (p.dilation[axis] or 1) * (w.shape[2 + axis] - 1))


def conv_transpose(function, p, x, w, bias):
    if x.numel() and w.numel():
        y = function(x, w, bias, or_one(p.stride), p.pad, p.output_pad, p.groups or 1, or_one(p.dilation))
    else:  # PyTorch refuses axes of extent 0: the sum over no channels is the bias
        out = [transposed_size(p, x, w, axis) for axis in range(x.ndim - 2)]
        y = torch.zeros(x.shape[0], w.shape[1] * (p.groups or 1), *out, dtype=x.dtype)
        y = y if bias is None else y + bias.reshape(-1, *[1] * len(out))
    return ACTIVATIONS[p.act](y)


@op("conv_transpose2d", "torch.nn.functional.conv_transpose2d")
def conv_transpose2d(p, x, w, bias=None):
    return conv_transpose(F.conv_transpose2d, p, x, w, bias)


def size_of(p, x):
    return [want or got for want, got in zip(p.size, x.shape[2:])]


@op("pad2d", "torch.nn.functional.pad")
def pad2d(p, x):
    top, bottom, left, right = p.pad
    if p.mode == "symmetric":  # PyTorch has no such mode
        rows = [*reversed(range(top)), *range(x.shape[2]),
                *(x.shape[2] - 1 - i for i in range(bottom))]
        columns = [*reversed(range(left)), *range(x.shape[3]),
                   *(x.shape[3] - 1 - i for i in range(right))]
        return x[:, :, rows][:, :, :, columns]
    mode = {"zero": "constant"}.get(p.mode, p.mode)
    return F.pad(x, (left, right, top, bottom), mode=mode)


@op("resize_bilinear", "torch.nn.functional.interpolate")
def resize_bilinear(p, x):
    return F.interpolate(x, size_of(p, x), mode="bilinear", align_corners=p.align_corners)


@op("resize_nearest", "torch.nn.functional.interpolate")
def resize_nearest(p, x):
    return F.interpolate(x, size_of(p, x), mode="nearest")


@op("adaptive_avg_pool2d", "torch.nn.functional.adaptive_avg_pool2d")
def adaptive_avg_pool2d(p, x):
    return F.adaptive_avg_pool2d(x, size_of(p, x))
