"""Convolutions and pools of other dimensions, and images at other sizes."""
import torch
import torch.nn.functional as F

from op_table import op


def size_of(p, x):
    return [wanted or extent for wanted, extent in zip(p.size, x.shape[2:])]


@op("pad2d", "torch.nn.functional.pad")
def pad2d(p, x):
    top, bottom, left, right = p.pad
    if p.mode == "symmetric":  # PyTorch has none: the mirror images, side by side
        height, width = x.shape[2:]
        x = torch.cat([x.flip(2), x, x.flip(2)], 2)[:, :, height - top:2 * height + bottom]
        return torch.cat([x.flip(3), x, x.flip(3)], 3)[..., width - left:2 * width + right]
    return F.pad(x, (left, right, top, bottom), "constant" if p.mode == "zero" else p.mode)


@op("resize_nearest", "torch.nn.functional.interpolate")
def resize_nearest(p, x):
    return F.interpolate(x, size_of(p, x), mode="nearest")


@op("resize_bilinear", "torch.nn.functional.interpolate")
def resize_bilinear(p, x):
    return F.interpolate(x, size_of(p, x), mode="bilinear", align_corners=p.align_corners)


@op("adaptive_avg_pool2d", "torch.nn.functional.adaptive_avg_pool2d")
def adaptive_avg_pool2d(p, x):
    return F.adaptive_avg_pool2d(x, size_of(p, x))
