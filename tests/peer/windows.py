"""Convolutions and pools: sums, means and maxima of windows."""
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


@op("conv2d", "torch.nn.functional.conv2d")
def conv2d(p, x, w, bias=None):
    return conv(F.conv2d, p, x, w, bias)


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


def window(p):
    kernel = or_one(numbers(p.kernel))
    return kernel, [s or k for s, k in zip(numbers(p.stride), kernel)], numbers(p.pad)


def empty_pool(p, x):
    """PyTorch refuses some shapes without elements."""
    kernel, stride, pad = window(p)
    return x.new_zeros(*x.shape[:2], *((extent + 2 * pad[i] - kernel[i]) // stride[i] + 1
                                       for i, extent in enumerate(x.shape[2:]))) + 0 * x.sum()


@op("max_pool1d", "torch.nn.functional.max_pool1d")
def max_pool1d(p, x):
    return F.max_pool1d(x, *window(p)) if x.numel() else empty_pool(p, x)


@op("max_pool2d", "torch.nn.functional.max_pool2d")
def max_pool2d(p, x):
    if x.numel() == 0:
        y = empty_pool(p, x)
        return y, torch.zeros(y.shape, dtype=torch.int64)
    y, index = F.max_pool2d(x, *window(p), return_indices=True)
    return (torch.relu(y), index.where(y > 0, index.new_tensor(-1))) if p.relu else (y, index)


@op("max_pool3d", "torch.nn.functional.max_pool3d")
def max_pool3d(p, x):
    return F.max_pool3d(x, *window(p)) if x.numel() else empty_pool(p, x)


@op("avg_pool1d", "torch.nn.functional.avg_pool1d")
def avg_pool1d(p, x):
    return F.avg_pool1d(x, *window(p)) if x.numel() else empty_pool(p, x)


@op("avg_pool2d", "torch.nn.functional.avg_pool2d")
def avg_pool2d(p, x):
    return F.avg_pool2d(x, *window(p)) if x.numel() else empty_pool(p, x)


@op("avg_pool3d", "torch.nn.functional.avg_pool3d")
def avg_pool3d(p, x):
    return F.avg_pool3d(x, *window(p)) if x.numel() else empty_pool(p, x)


@op("global_avg_pool", "torch.nn.functional.adaptive_avg_pool2d")
def global_avg_pool(p, x):
    if x.numel() == 0:
        return torch.mean(x, dim=(2, 3))
    return F.adaptive_avg_pool2d(x, 1).flatten(1)
