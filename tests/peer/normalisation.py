"""Softmax and normalisations."""
import torch
import torch.nn.functional as F

from op_table import Step, op, single


@op("softmax", "torch.nn.functional.softmax")
def softmax(p, x):
    return F.softmax(x, dim=-1)


@op("log_softmax", "torch.nn.functional.log_softmax")
def log_softmax(p, x):
    return F.log_softmax(x, dim=-1)


def per_channel(values, x):
    return values.reshape(-1, *[1] * (x.ndim - 2))


def running(old, momentum, new):
    return (1 - momentum) * old + momentum * new


@op("batch_norm", "torch.nn.functional.batch_norm")
def batch_norm(p, x, gamma, beta, mean, var):
    if mean.ndim == 2:  # of several sets the op uses, and changes, one
        step = batch_norm(p, x, gamma, beta, mean[p.set], var[p.set])
        new = {i: old.index_put((torch.tensor(p.set),), step.updated[i])
               for i, old in ((3, mean), (4, var)) if i in step.updated}
        return Step(step.y, new)
    train, eps, momentum = p.mode == "train", p.eps or single(1e-5), p.momentum or single(0.1)
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
