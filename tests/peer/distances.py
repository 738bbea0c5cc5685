"""Norms, directions, distances, and what is done with matrices of them."""
import torch
import torch.nn.functional as F

from op_table import op, single
from reductions import axes


def norms(x, over):
    return torch.linalg.vector_norm(x, dim=over, keepdim=True) if over else x.abs()


@op("norm", "torch.linalg.vector_norm")
def norm(p, x):
    over = axes(p, x)
    return torch.linalg.vector_norm(x, dim=over, keepdim=p.keepdims) if over else x.abs()


@op("l2_normalize", "torch.linalg.vector_norm")
def l2_normalize(p, x):
    return x / torch.clamp(norms(x, axes(p, x)), min=p.eps or single(1e-12))


@op("cosine_similarity", "torch.nn.functional.normalize")
def cosine_similarity(p, a, b):
    over = axes(p, a)
    behind = [axis for axis in range(a.ndim) if axis not in over]
    order = behind + over

    def rows(x):
        flat = x.permute(order).reshape([x.shape[axis] for axis in behind] + [-1])
        return F.normalize(flat, dim=-1, eps=p.eps or single(1e-8))

    if a.numel() == 0:
        return torch.sum(a * b, dim=over, keepdim=p.keepdims)
    y = (rows(a) * rows(b)).sum(dim=-1)
    return y.reshape([1 if axis in over else a.shape[axis] for axis in range(a.ndim)]) \
        if p.keepdims else y


@op("pairwise_distance", "torch.cdist")
def pairwise_distance(p, a, b=None):
    b = a if b is None else b
    if p.metric == "cosine":
        return 1 - F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).transpose(-1, -2)
    if p.metric == "euclidean":
        return torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")
    return (a[..., :, None, :] - b[..., None, :, :]).square().sum(dim=-1)


@op("covariance", "torch.cov")
def covariance(p, x):
    n = x.shape[-2] - p.unbiased
    if p.centred and x.ndim == 2 and x.shape[-1] > 0:
        y = torch.cov(x.T, correction=int(p.unbiased))
        return y.reshape(x.shape[-1], x.shape[-1])
    c = x - x.mean(dim=-2, keepdim=True) if p.centred else x
    return c.transpose(-1, -2) @ c / n


@op("project", "torch.linalg.multi_dot")
def project(p, x, right, left=None):
    factors = [m for m in (left, x, right) if m is not None]
    y = torch.linalg.multi_dot(factors) if x.numel() else x * 0
    return x - y if p.complement else y


@op("rank1_update", "torch.addr")
def rank1_update(p, a, u, v, scale=None):
    if scale is None:
        return torch.addr(a, u, v, alpha=p.scale or 1)
    return torch.addr(a, u * scale, v)
