"""Ops that make, move and repeat elements without arithmetic."""
import torch

from op_table import op


@op("fill", "torch.full")
def fill(p):
    return torch.full(p.dims[:p.rank], p.value, dtype=torch.float64)


@op("reshape", "torch.reshape")
def reshape(p, x):
    return torch.reshape(x, p.dims[:p.rank])


@op("transpose", "torch.permute")
def transpose(p, x):
    if any(p.perm):
        return torch.permute(x, p.perm[:x.ndim])
    return x.transpose(-1, -2) if x.ndim > 1 else x


@op("concat", "torch.cat")
def concat(p, *x):
    return torch.cat(x, dim=p.axis)


@op("slice", "torch.narrow")
def slice_(p, x):
    extent = x.shape[p.axis]
    start = p.start + extent if p.start < 0 else p.start
    return torch.narrow(x, p.axis, start, p.length or extent - start)


@op("broadcast_to", "torch.broadcast_to")
def broadcast_to(p, x):
    return torch.broadcast_to(x, p.dims[:p.rank])
