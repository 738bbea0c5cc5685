"""Losses between teacher and student, and of representations."""
import math

import torch
import torch.nn.functional as F

from losses import reduced, rows
from op_table import op


def divergence(p, student, teacher, temperature, of):
    """of(p, q) gives the sum over the classes of each row."""
    t = (p.temperature or 1) if temperature is None else temperature
    loss = of(F.log_softmax(rows(teacher) / t, -1), F.log_softmax(rows(student) / t, -1))
    loss = loss * (t * t if p.t_squared else 1)
    if p.reduction == "none":
        return loss.reshape(student.shape[:-1])
    share = {"batchmean": len(loss), "mean": student.numel(), "sum": 1}[p.reduction]
    return loss.sum() / max(share, 1)


def kl_of_logs(log_p, log_q):
    return F.kl_div(log_q, log_p, reduction="none", log_target=True).sum(-1)


@op("reverse_kl_div", "torch.nn.functional.kl_div")
def reverse_kl_div(p, student, teacher, temperature=None):
    return divergence(p, student, teacher, temperature, lambda a, b: kl_of_logs(b, a))


@op("symmetric_kl_div", "torch.nn.functional.kl_div")
def symmetric_kl_div(p, student, teacher, temperature=None):
    return divergence(p, student, teacher, temperature,
                      lambda a, b: (kl_of_logs(a, b) + kl_of_logs(b, a)) / 2)


@op("js_div", "torch.nn.functional.kl_div, torch.logaddexp")
def js_div(p, student, teacher, temperature=None):
    beta = p.beta or 0.5

    def of(log_p, log_q):
        log_m = torch.logaddexp(log_p + math.log(beta), log_q + math.log(1 - beta))
        return beta * kl_of_logs(log_p, log_m) + (1 - beta) * kl_of_logs(log_q, log_m)
    return divergence(p, student, teacher, temperature, of)


@op("tv_distance", "torch.abs")
def tv_distance(p, student, teacher, temperature=None):
    return divergence(p, student, teacher, temperature,
                      lambda a, b: (a.exp() - b.exp()).abs().sum(-1) / 2)


@op("dkd", "torch.nn.functional.kl_div")
def dkd(p, student, teacher, label):
    """As written by its authors: the target's share is summed from the softmax, and among the others the
    target's logit is taken away."""
    T = p.temperature or 1
    alpha, beta = (p.alpha, p.beta) if p.alpha or p.beta else (1, 1)
    student, teacher = rows(student) / T, rows(teacher) / T
    own = F.one_hot(label.reshape(-1).to(torch.int64), student.shape[-1]).bool()

    def target(x):
        q = F.softmax(x, -1)
        return torch.stack([(q * own).sum(-1), (q * ~own).sum(-1)], -1)

    def others(x):
        return F.log_softmax(torch.where(own, torch.full_like(x, -1e30), x), -1)

    parts = (F.kl_div(target(student).log(), target(teacher), reduction="none").sum(-1),
             F.kl_div(others(student), others(teacher), reduction="none",
                      log_target=True).sum(-1))
    loss = T * T * (alpha * parts[0] + beta * parts[1])
    return reduced(loss, p.reduction, label.shape)
