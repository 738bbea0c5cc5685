"""Ops on images beyond convolution: borders, other sizes, bins."""
import torch
import torch.nn.functional as F

from op_table import op


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
