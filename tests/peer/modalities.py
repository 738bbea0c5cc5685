"""Between modalities: modulation and exchange by channel, gradient reversal."""
import torch

from op_table import op


def by_channel(numbers, x):
    """[C] or [B, C] as it broadcasts to x [B, C, ..]."""
    rows = numbers if numbers.ndim == 2 else numbers[None]
    return rows.reshape(rows.shape + (1,) * (x.ndim - 2))


class Reversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, strength):
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx, dy):
        return -ctx.strength * dy, None


@op("gradient_reversal", "torch.autograd.Function")
def gradient_reversal(p, x, strength):
    return Reversal.apply(x, getattr(p, "lambda") or 1 if strength is None else strength)


@op("film", "torch.addcmul")
def film(p, x, gamma, beta):
    return torch.addcmul(by_channel(beta, x), x, by_channel(gamma, x) + p.around_one)


@op("channel_exchange", "torch.where")
def channel_exchange(p, x, other, gamma):
    return torch.where(by_channel(gamma.abs() >= p.threshold, x), x, other)


@op("channel_zero", "torch.Tensor.masked_fill")
def channel_zero(p, x, chosen):
    return x.masked_fill(by_channel(chosen != 0, x), 0)


@op("channel_mean_fill", "torch.mean")
def channel_mean_fill(p, x, chosen):
    rest = [axis for axis in range(x.ndim) if axis != 1]
    return torch.where(by_channel(chosen != 0, x), torch.mean(x, dim=rest, keepdim=True), x)


@op("channel_permute", "torch.index_select")
def channel_permute(p, x, order, chosen):
    order = order.long()
    inside = (order >= 0) & (order < len(x))
    moved = torch.index_select(x, 0, torch.where(inside, order, 0)) if len(x) else x
    moved = moved * inside.reshape((-1,) + (1,) * (x.ndim - 1))
    return torch.where(by_channel(chosen != 0, x), moved, x)
