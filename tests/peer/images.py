"""Ops on images beyond convolution: borders, other sizes, bins."""
import torch
import torch.nn.functional as F

from linear import ACTIVATIONS, or_one
from op_table import op


def numbers(value):
    return [value] if isinstance(value, int) else value


def without_elements(x, channels, sizes, bias):
    """PyTorch refuses axes of extent 0: the sum over no channels is the bias."""
    y = torch.zeros(x.shape[0], channels, *sizes, dtype=x.dtype)
    return y if bias is None else y + bias.reshape(-1, *[1] * len(sizes))


def conv(function, p, x, w, bias):
    stride, pad, dilation = or_one(numbers(p.stride)), numbers(p.pad), or_one(numbers(p.dilation))
    if x.numel() and w.numel():
        y = function(x, w, bias, stride, pad, dilation, p.groups or 1)
    else:
        y = without_elements(x, w.shape[0], [
            (extent + 2 * pad[i] - dilation[i] * (w.shape[2 + i] - 1) - 1) // stride[i] + 1
            for i, extent in enumerate(x.shape[2:])], bias)
    return ACTIVATIONS[p.act](y)


def conv_transpose(function, p, x, w, bias):
    stride, pad, dilation = or_one(numbers(p.stride)), numbers(p.pad), or_one(numbers(p.dilation))
    more = numbers(p.output_pad)
    if x.numel() and w.numel():
        y = function(x, w, bias, stride, pad, more, p.groups or 1, dilation)
    else:
        y = without_elements(x, w.shape[1] * (p.groups or 1), [
            (extent - 1) * stride[i] - 2 * pad[i] + dilation[i] * (w.shape[2 + i] - 1) + more[i] + 1
            for i, extent in enumerate(x.shape[2:])], bias)
    return ACTIVATIONS[p.act](y)


@op("conv1d", "torch.nn.functional.conv1d")
def conv1d(p, x, w, bias=None):
    return conv(F.conv1d, p, x, w, bias)


@op("conv3d", "torch.nn.functional.conv3d")
def conv3d(p, x, w, bias=None):
    return conv(F.conv3d, p, x, w, bias)


@op("conv_transpose1d", "torch.nn.functional.conv_transpose1d")
def conv_transpose1d(p, x, w, bias=None):
    return conv_transpose(F.conv_transpose1d, p, x, w, bias)


@op("conv_transpose3d", "torch.nn.functional.conv_transpose3d")
def conv_transpose3d(p, x, w, bias=None):
    return conv_transpose(F.conv_transpose3d, p, x, w, bias)


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
