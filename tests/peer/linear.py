"""Matrix products, convolutions and pooling."""
import torch
import torch.nn.functional as F

from op_table import op

ACTIVATIONS = {"none": lambda x: x, "relu": F.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}


def transposed(x, wanted):
    return x.transpose(-1, -2) if wanted else x


def or_one(values):
    return [value or 1 for value in values]


@op("matmul", "torch.matmul")
def matmul(p, a, b, bias=None):
    y = torch.matmul(transposed(a, p.trans_a), transposed(b, p.trans_b))
    return ACTIVATIONS[p.act](y if bias is None else y + bias)


def nothing_summed(x, channels, size, bias):
    """Of operands with an axis of extent 0, which PyTorch refuses: a sum over nothing, and the bias."""
    y = torch.zeros(x.shape[0], channels, *size, dtype=x.dtype)
    return y if bias is None else y + bias.reshape(-1, *[1] * len(size))


@op("conv2d", "torch.nn.functional.conv2d")
def conv2d(p, x, w, bias=None):
    stride, dilation = or_one(p.stride), or_one(p.dilation)
    if x.numel() and w.numel():
        y = F.conv2d(x, w, bias, stride, p.pad, dilation, p.groups or 1)
    else:
        out = [(x.shape[2 + i] + 2 * p.pad[i] - dilation[i] * (w.shape[2 + i] - 1) - 1)
               // stride[i] + 1 for i in range(2)]
        y = nothing_summed(x, w.shape[0], out, bias)
    return ACTIVATIONS[p.act](y)


def window(p):
    kernel = or_one(p.kernel)
    return kernel, [s or k for s, k in zip(p.stride, kernel)], p.pad


@op("max_pool2d", "torch.nn.functional.max_pool2d")
def max_pool2d(p, x):
    if x.numel() == 0:
        y = F.avg_pool2d(x, *window(p))
        return y, torch.zeros(y.shape, dtype=torch.int64)
    return F.max_pool2d(x, *window(p), return_indices=True)


@op("avg_pool2d", "torch.nn.functional.avg_pool2d")
def avg_pool2d(p, x):
    return F.avg_pool2d(x, *window(p))


@op("global_avg_pool", "torch.nn.functional.adaptive_avg_pool2d")
def global_avg_pool(p, x):
    if x.numel() == 0:
        return torch.mean(x, dim=(2, 3))
    return F.adaptive_avg_pool2d(x, 1).flatten(1)
