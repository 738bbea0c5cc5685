"""Reading and adding by index. An index out of range names nothing: here it names one more entry, of
zeros, which is dropped again. PyTorch itself refuses such an index."""
import torch
import torch.nn.functional as F

from op_table import op


def with_spare(x, axis):
    """x with an entry of zeros behind the others of the axis."""
    shape = list(x.shape)
    shape[axis] = 1
    return torch.cat([x, torch.zeros(shape, dtype=x.dtype)], dim=axis)


def in_range(index, extent):
    return torch.where((index < 0) | (index >= extent), torch.full_like(index, extent), index)


def without_spare(y, axis):
    return torch.narrow(y, axis, 0, y.shape[axis] - 1)


@op("gather", "torch.gather")
def gather(p, x, index):
    return torch.gather(with_spare(x, p.axis), p.axis, in_range(index, x.shape[p.axis]))


@op("index_select", "torch.index_select")
def index_select(p, x, index):
    return torch.index_select(with_spare(x, p.axis), p.axis, in_range(index, x.shape[p.axis]))


@op("take_rows", "torch.gather")
def take_rows(p, x, index):
    axis = p.axis % x.ndim
    before, behind, inner = x.shape[:axis], x.shape[axis + 1:], index.shape[axis:]
    table = with_spare(x, axis).flatten(axis + 1) if behind else with_spare(x, axis).unsqueeze(-1)
    where = in_range(index, x.shape[axis]).reshape(*before, inner.numel(), 1)
    y = torch.gather(table, axis, where.expand(*before, inner.numel(), behind.numel()))
    return y.reshape(*before, *inner, *behind)


@op("scatter_add", "torch.scatter_add")
def scatter_add(p, x, index, source):
    where = in_range(index, x.shape[p.axis])
    return without_spare(torch.scatter_add(with_spare(x, p.axis), p.axis, where, source), p.axis)


@op("index_add", "torch.index_add")
def index_add(p, x, index, source):
    where = in_range(index, x.shape[p.axis])
    return without_spare(torch.index_add(with_spare(x, p.axis), p.axis, where, source), p.axis)


@op("sort", "torch.sort, stable")
def sort(p, x):
    return tuple(torch.sort(x, stable=True, dim=p.axis, descending=p.descending))


@op("argsort", "torch.argsort, stable")
def argsort(p, x):
    return torch.sort(x, stable=True, dim=p.axis, descending=p.descending).indices


@op("top_k", "torch.sort, stable; torch.topk")
def top_k(p, x):
    k = p.k or 1
    y, index = torch.sort(x, stable=True, dim=p.axis, descending=not p.smallest)
    y, index = torch.narrow(y, p.axis, 0, k), torch.narrow(index, p.axis, 0, k)
    # torch.topk may name any of equal elements, so only its values count.
    best = torch.topk(x, k, dim=p.axis, largest=not p.smallest).values
    if not torch.allclose(y, best, rtol=0, atol=0, equal_nan=True):
        raise AssertionError("torch.sort and torch.topk differ")
    return y, index


@op("rank", "torch.searchsorted, torch.argsort")
def rank(p, x):
    rows = (-x if p.descending else x).movedim(p.axis, -1).contiguous()
    order, place = torch.sort(rows, stable=True, dim=-1)
    if p.ties == "ordinal":
        result = torch.argsort(place, dim=-1) + 1
    else:
        least = torch.searchsorted(order, rows) + 1
        greatest = torch.searchsorted(order, rows, right=True)
        result = {"least": least, "greatest": greatest, "average": (least + greatest) / 2}[p.ties]
    return result.to(torch.float64).movedim(-1, p.axis)


@op("one_hot", "torch.nn.functional.one_hot")
def one_hot(p, label):
    where = in_range(label, p.classes)
    return F.one_hot(where, p.classes + 1)[..., :p.classes].to(torch.float64)


@op("to_i32", "torch.round")
def to_i32(p, x):
    return torch.where(torch.round(x).abs() < 2 ** 31, torch.round(x), torch.full_like(x, -2 ** 31))


@op("segment_mean", "torch.index_reduce")
def segment_mean(p, x, label):
    where = in_range(label.reshape(-1), p.segments).to(torch.int64)
    rows = x.reshape(where.numel(), x.shape[-1])
    count = torch.bincount(where, minlength=p.segments + 1)[:p.segments]
    empty = torch.zeros(p.segments + 1, x.shape[-1], dtype=x.dtype)
    y = torch.index_reduce(empty, 0, where, rows, "mean", include_self=False)
    return y[:p.segments], count.to(x.dtype)
