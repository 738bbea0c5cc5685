"""Soft ranks. The projection on the permutahedron is an isotonic regression, which is found here not by
pooling but as a hull: its values are the slopes of the least concave curve above the sums of y."""
import numpy
import torch
import torch.nn.functional as F

from losses import reduced, rows
from op_table import op


def hull(y):
    """The number of the hull's edge above each element of y."""
    total = numpy.concatenate([[0.0], numpy.cumsum(y)]).tolist()
    corners = [0]
    for i in range(1, len(total)):
        while len(corners) > 1:
            a, b = corners[-2], corners[-1]
            if (total[b] - total[a]) * (i - b) > (total[i] - total[b]) * (b - a):
                break
            corners.pop()
        corners.append(i)
    return numpy.repeat(numpy.arange(len(corners) - 1), numpy.diff(corners))


def isotonic(y):
    """The descending row nearest to each row of y, and where the block of each element begins."""
    n = y.shape[-1]
    edge = torch.from_numpy(numpy.stack([hull(row) for row in y.detach().numpy()]))
    count = torch.zeros_like(y).scatter_add(-1, edge, torch.ones_like(y))
    mean = torch.zeros_like(y).scatter_add(-1, edge, y) / count.clamp(min=1)
    begins = F.pad(edge[:, 1:] != edge[:, :-1], (1, 0), value=True)
    block = torch.cummax(torch.where(begins, torch.arange(n), 0), -1).values
    return torch.gather(mean, -1, edge), block


def soft_ranks(x, strength):
    """Ranks of the rows of x; the order from the greatest down; its blocks."""
    sorted_x, order = torch.sort(x / (strength or 1), stable=True, dim=-1, descending=True)
    falling = torch.arange(x.shape[-1], 0, -1, dtype=x.dtype)
    level, block = isotonic(sorted_x - falling)
    return torch.zeros_like(x).scatter(-1, order, sorted_x - level), order, block


@op("soft_rank", "torch.sort, torch.scatter_add")
def soft_rank(p, x):
    if x.numel() == 0:
        return x * 1, x.to(torch.int32), x.to(torch.int32)
    y, order, block = soft_ranks(rows(x), p.strength)
    shift = (x.shape[-1] + 1) / 2 if p.centred else 0
    return tuple(out.reshape(x.shape) for out in (y - shift, order, block))


@op("spearman", "torch.sort, torch.scatter_add; torch.nn.functional.cosine_similarity")
def spearman(p, x, teacher):
    if x.numel() == 0:
        return x.sum() if p.reduction != "none" else x.sum(-1)
    middle = (x.shape[-1] + 1) / 2
    a, b = (soft_ranks(rows(v), p.strength)[0] - middle for v in (x, teacher))
    return reduced(1 - F.cosine_similarity(a, b, -1), p.reduction, x.shape[:-1])
