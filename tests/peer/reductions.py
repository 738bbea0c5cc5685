"""Sums, means and other reductions over axes, and what is counted over rows."""
import torch

from op_table import op


def axes(p, x):
    """The axes of a bit mask, 0 being all."""
    return [i for i in range(x.ndim) if p.axes == 0 or p.axes >> i & 1]


@op("sum", "torch.sum")
def sum_(p, x):
    over = axes(p, x)
    return torch.sum(x, dim=over, keepdim=p.keepdims) if over else x.clone()


@op("mean", "torch.mean")
def mean(p, x):
    over = axes(p, x)
    return torch.mean(x, dim=over, keepdim=p.keepdims) if over else x.clone()


def extremum(reduce, p, x):
    over = axes(p, x)
    if x.numel() == 0:
        return torch.sum(x, dim=over, keepdim=p.keepdims)
    return reduce(x, dim=over, keepdim=p.keepdims) if over else x.clone()


@op("max", "torch.amax")
def max_(p, x):
    return extremum(torch.amax, p, x)


@op("min", "torch.amin")
def min_(p, x):
    return extremum(torch.amin, p, x)


@op("prod", "torch.prod")
def prod(p, x):
    for axis in reversed(axes(p, x)):
        x = torch.prod(x, dim=axis, keepdim=p.keepdims)
    return x


@op("variance", "torch.var")
def variance(p, x):
    return torch.var(x, dim=axes(p, x), unbiased=p.unbiased, keepdim=p.keepdims)


@op("std", "torch.std")
def std(p, x):
    return torch.std(x, dim=axes(p, x), unbiased=p.unbiased, keepdim=p.keepdims)


@op("logsumexp", "torch.logsumexp")
def logsumexp(p, x):
    over = axes(p, x)
    return torch.logsumexp(x, dim=over, keepdim=p.keepdims) if over else x.clone()


@op("cumsum", "torch.cumsum")
def cumsum(p, x):
    turned = torch.flip(x, [p.axis]) if p.reverse else x
    sums = torch.cumsum(turned, dim=p.axis)
    return torch.flip(sums, [p.axis]) if p.reverse else sums


@op("sum_to", "torch.Tensor.sum_to_size")
def sum_to(p, x):
    return x.sum_to_size(p.dims[:p.rank])


@op("argmax", "torch.argmax")
def argmax(p, x):
    if x.numel() == 0:
        return torch.zeros(x.shape[:-1], dtype=torch.int64)
    return torch.argmax(x, dim=-1)


@op("accuracy", "torch.argmax")
def accuracy(p, x, label):
    return torch.sum(argmax(p, x) == label)
