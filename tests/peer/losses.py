"""Losses. Where there are no rows, PyTorch's means are NaN and venn's are 0: ops.h says so."""
import torch
import torch.nn.functional as F

from op_table import op, single


def rows(x):
    return x.reshape(-1, x.shape[-1])


def reduced(loss, reduction, shape):
    """One value per row or element, as the reduction wants it."""
    if reduction == "none":
        return loss.reshape(shape)
    return loss.mean() if reduction == "mean" and loss.numel() else loss.sum()


@op("cross_entropy", "torch.nn.functional.cross_entropy")
def cross_entropy(p, x, label, weight=None):
    if label is None:
        label = torch.arange(x.shape[-2]).expand(x.shape[:-1])
    ignored = p.ignore_index or -1
    label = label.reshape(-1).to(torch.int64)
    loss = F.cross_entropy(rows(x), label, weight, reduction="none", ignore_index=ignored,
                           label_smoothing=p.label_smoothing)
    if p.reduction != "mean":
        return reduced(loss, p.reduction, x.shape[:-1])
    if (label == ignored).all():
        return loss.sum()
    return F.cross_entropy(rows(x), label, weight, ignore_index=ignored,
                           label_smoothing=p.label_smoothing)


@op("soft_cross_entropy", "torch.nn.functional.cross_entropy")
def soft_cross_entropy(p, x, t):
    loss = F.cross_entropy(rows(x), rows(t), reduction="none", label_smoothing=p.label_smoothing)
    return reduced(loss, p.reduction, x.shape[:-1])


@op("kl_div", "torch.nn.functional.kl_div")
def kl_div(p, student, teacher, temperature=None):
    t = (p.temperature or 1) if temperature is None else temperature
    log_q, log_p = F.log_softmax(rows(student) / t, -1), F.log_softmax(rows(teacher) / t, -1)
    factor = t * t if p.t_squared else 1
    if p.reduction == "none" or student.numel() == 0:
        loss = F.kl_div(log_q, log_p, reduction="none", log_target=True).sum(-1)
        return factor * (loss.reshape(student.shape[:-1]) if p.reduction == "none" else loss.sum())
    return factor * F.kl_div(log_q, log_p, reduction=p.reduction, log_target=True)


@op("l1", "torch.nn.functional.l1_loss")
def l1(p, y, t):
    return reduced(F.l1_loss(y, t, reduction="none"), p.reduction, y.shape)


@op("smooth_l1", "torch.nn.functional.smooth_l1_loss")
def smooth_l1(p, y, t):
    loss = F.smooth_l1_loss(y, t, reduction="none", beta=p.beta or 1)
    return reduced(loss, p.reduction, y.shape)


@op("huber", "torch.nn.functional.huber_loss")
def huber(p, y, t):
    loss = F.huber_loss(y, t, reduction="none", delta=p.delta or 1)
    return reduced(loss, p.reduction, y.shape)


@op("mse", "torch.nn.functional.mse_loss")
def mse(p, y, t):
    return reduced(F.mse_loss(y, t, reduction="none"), p.reduction, y.shape)


@op("bce_with_logits", "torch.nn.functional.binary_cross_entropy_with_logits")
def bce_with_logits(p, x, t, pos_weight=None):
    loss = F.binary_cross_entropy_with_logits(x, t, reduction="none", pos_weight=pos_weight)
    return reduced(loss, p.reduction, x.shape)


@op("cosine_embedding", "torch.nn.functional.cosine_embedding_loss")
def cosine_embedding(p, x, t, alike=None):
    sign = torch.ones(rows(x).shape[0]) if alike is None else torch.sign(alike.reshape(-1) - 0.5)
    loss = F.cosine_embedding_loss(rows(x), rows(t), sign, p.margin, reduction="none")
    return reduced(loss, p.reduction, x.shape[:-1])


@op("dice", "torch.einsum")
def dice(p, probability, t):
    y, t = rows(probability), rows(t)
    sizes = (y if p.linear else y ** 2).sum(0) + t.sum(0)
    common = torch.einsum("rc,rc->c", y, t)
    below = sizes + p.smooth + (p.epsilon or single(1e-7))
    return 1 - ((2 * common + p.smooth) / below).mean()


@op("margin_ranking", "torch.nn.functional.margin_ranking_loss")
def margin_ranking(p, a, b, order):
    loss = F.margin_ranking_loss(a, b, order.expand_as(a), p.margin, reduction="none")
    return reduced(loss, p.reduction, a.shape)


@op("info_nce", "torch.nn.functional.cross_entropy")
def info_nce(p, x, key, queue=None):
    T = p.temperature or 1
    count = x.shape[0]
    if queue is None:
        scores, label = x @ key.T / T, torch.arange(count)
    else:
        own = torch.einsum("bd,bd->b", x, key)[:, None]
        scores, label = torch.cat([own, x @ queue.T], 1) / T, torch.zeros(count, dtype=torch.int64)
    loss = F.cross_entropy(scores, label, reduction="none")
    if p.symmetric:
        loss = (loss + F.cross_entropy(scores.T, label, reduction="none")) / 2
    return reduced(loss, p.reduction, (count,))


def gaps(x, t, made):
    """Smooth L1 between what is made of x's rows and of t's."""
    if x.shape[0] == 0:
        return (x * 0).sum()
    return F.smooth_l1_loss(made(x.flatten(1)), made(t.flatten(1)))


@op("rkd_distance", "torch.cdist")
def rkd_distance(p, x, t):
    def distances(rows):
        d = torch.cdist(rows, rows, compute_mode="donot_use_mm_for_euclid_dist")
        if not p.whole_mean and len(rows) > 1:
            return d / d[~torch.eye(len(rows), dtype=torch.bool)].mean()
        return d / d.mean() if d.any() else d

    return gaps(x, t, distances)


@op("rkd_angle", "torch.nn.functional.normalize")
def rkd_angle(p, x, t):
    def cosines(rows):
        e = F.normalize(rows[:, None] - rows[None], dim=2)
        return e @ e.transpose(1, 2)

    return gaps(x, t, cosines)
