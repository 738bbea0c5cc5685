"""Softmax and normalisations."""
import math

import torch
import torch.nn.functional as F

from op_table import Step, op, single


@op("softmax", "torch.nn.functional.softmax")
def softmax(p, x):
    return F.softmax(x, dim=-1)


@op("log_softmax", "torch.nn.functional.log_softmax")
def log_softmax(p, x):
    return F.log_softmax(x, dim=-1)


def running(old, momentum, new):
    return (1 - momentum) * old + momentum * new


@op("layer_norm", "torch.nn.functional.layer_norm")
def layer_norm(p, x, gamma=None, beta=None):
    return F.layer_norm(x, x.shape[-1:], gamma, beta, p.eps or single(1e-5))


@op("rms_norm", "torch arithmetic")
def rms_norm(p, x, gamma=None):
    y = x * torch.rsqrt(torch.mean(torch.square(x), dim=-1, keepdim=True) + (p.eps or 2.0 ** -23))
    return y if gamma is None else y * gamma


def per_channel(values, x):
    return values.reshape(-1, *[1] * (x.ndim - 2))


def normalised_groups(x, groups, gamma, beta, eps):
    """Group norm where PyTorch refuses: no rows, or rows of one element."""
    row = math.prod(x.shape[1:]) // groups
    y = F.layer_norm(x.reshape(x.shape[0], groups, row), [row], eps=eps).reshape(x.shape)
    y = y if gamma is None else y * per_channel(gamma, x)
    return y if beta is None else y + per_channel(beta, x)


@op("group_norm", "torch.nn.functional.group_norm")
def group_norm(p, x, gamma=None, beta=None):
    eps = p.eps or single(1e-5)
    if x.numel() <= x.shape[0] * p.groups:
        return normalised_groups(x, p.groups, gamma, beta, eps)
    if gamma is None and beta is not None:  # PyTorch's backward ends with an error
        gamma = torch.ones_like(beta)
    return F.group_norm(x, p.groups, gamma, beta, eps)


@op("instance_norm", "torch.nn.functional.instance_norm")
def instance_norm(p, x, gamma=None, beta=None):
    eps, channels = p.eps or single(1e-5), x.shape[1]
    if x.numel() <= x.shape[0] * channels:
        return normalised_groups(x, channels or 1, gamma, beta, eps)
    return F.instance_norm(x, weight=gamma, bias=beta, eps=eps)


@op("batch_norm", "torch.nn.functional.batch_norm")
def batch_norm(p, x, gamma, beta, mean, var):
    train, eps, momentum = p.mode == "train", p.eps or single(1e-5), p.momentum or single(0.1)
    if mean.ndim == 2:  # a set of statistics for each modality
        result = batch_norm(p, x, gamma, beta, mean[p.set], var[p.set])
        rows = [old.clone() for old in (mean, var)] if train else []
        for i, row in enumerate(rows):
            row[p.set] = result.updated[3 + i]
        return Step(result.y, dict(enumerate(rows, 3)))
    over = [i for i in range(x.ndim) if i != 1]
    count = x.numel() // x.shape[1] if x.shape[1] else 0
    if count > 1:
        mean_, var_ = mean.clone(), var.clone()
        y = F.batch_norm(x, mean_, var_, gamma, beta, train, momentum, eps)
        if train:
            var, used = torch.var_mean(x, dim=over, unbiased=False)
        else:
            used = mean
    else:  # PyTorch refuses to train on fewer than two values per channel
        used, mean_, var_ = mean, mean, var
        if train and count == 1:
            used, var = x.reshape(-1), torch.zeros_like(var)
            mean_, var_ = running(mean, momentum, used), running(var_, momentum, 0)
        elif train:
            used, var = torch.zeros_like(mean), torch.zeros_like(var)
        y = (x - per_channel(used, x)) * per_channel(gamma / torch.sqrt(var + eps), x)
        y = y + per_channel(beta, x)
    return Step((y, used, 1 / torch.sqrt(var + eps)), {3: mean_, 4: var_} if train else {})
