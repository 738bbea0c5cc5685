"""Ops on images beyond windows: borders, other sizes, bins, blocks of pixels, filters."""
import torch
import torch.nn.functional as F

from op_table import op


def size_of(p, x):
    return [want or got for want, got in zip(p.size, x.shape[2:])]


def with_border(x, top, bottom, left, right, mode):
    if mode == "symmetric":  # PyTorch has no such mode
        rows = [*reversed(range(top)), *range(x.shape[2]),
                *(x.shape[2] - 1 - i for i in range(bottom))]
        columns = [*reversed(range(left)), *range(x.shape[3]),
                   *(x.shape[3] - 1 - i for i in range(right))]
        return x[:, :, rows][:, :, :, columns]
    return F.pad(x, (left, right, top, bottom), mode={"zero": "constant"}.get(mode, mode))


@op("pad2d", "torch.nn.functional.pad")
def pad2d(p, x):
    return with_border(x, *p.pad, p.mode)


@op("resize_bilinear", "torch.nn.functional.interpolate")
def resize_bilinear(p, x):
    return F.interpolate(x, size_of(p, x), mode="bilinear", align_corners=p.align_corners)


@op("resize_nearest", "torch.nn.functional.interpolate")
def resize_nearest(p, x):
    return F.interpolate(x, size_of(p, x), mode="nearest")


@op("adaptive_avg_pool2d", "torch.nn.functional.adaptive_avg_pool2d")
def adaptive_avg_pool2d(p, x):
    return F.adaptive_avg_pool2d(x, size_of(p, x))


@op("adaptive_max_pool2d", "torch.nn.functional.adaptive_max_pool2d")
def adaptive_max_pool2d(p, x):
    return F.adaptive_max_pool2d(x, size_of(p, x))


# Images without pixels make PyTorch's gradient of these misshapen.
@op("pixel_shuffle", "torch.nn.functional.pixel_shuffle")
def pixel_shuffle(p, x):
    r, (b, c, h, w) = p.factor or 1, x.shape
    return F.pixel_shuffle(x, r) if x.numel() else x.reshape(b, c // (r * r), h * r, w * r)


@op("pixel_unshuffle", "torch.nn.functional.pixel_unshuffle")
def pixel_unshuffle(p, x):
    r, (b, c, h, w) = p.factor or 1, x.shape
    return F.pixel_unshuffle(x, r) if x.numel() else x.reshape(b, c * r * r, h // r, w // r)


@op("gaussian_blur", "torch.nn.functional.conv2d")
def gaussian_blur(p, x):
    radius = p.radius or int(4 * p.sigma + 0.5)
    at = torch.arange(-radius, radius + 1, dtype=x.dtype)
    taps = torch.exp(-0.5 * (at / (p.sigma or 1)) ** 2)
    window = torch.outer(taps, taps) / taps.sum() ** 2
    planes = x.reshape(-1, 1, *x.shape[2:])
    if x.numel() == 0:
        return x + 0
    return F.conv2d(with_border(planes, *[radius] * 4, p.mode), window[None, None]).reshape(x.shape)


@op("class_activation_map", "torch.einsum")
def class_activation_map(p, x, w):
    return F.relu(torch.einsum("bchw,bc->bhw", x, w))
