"""Embeddings, attention and recurrent networks."""
import math

import torch
import torch.nn.functional as F

from indexing import in_range, with_spare
from op_table import op, single


@op("embedding", "torch.nn.functional.embedding")
def embedding(p, table, index):
    where, rows = in_range(index, table.shape[0]), with_spare(table, 0)
    if not p.has_padding:
        return F.embedding(where, rows)
    # The padding's row is 0, which PyTorch leaves to the table.
    rows = rows * (torch.arange(len(rows)) != p.padding).unsqueeze(-1)
    return F.embedding(where, rows, padding_idx=p.padding)


@op("attention", "torch.nn.functional.softmax, torch.matmul")
def attention(p, q, k, v, mask=None, bias=None):
    if p.layout == "bthd":
        q, k, v = [t.transpose(1, 2) for t in (q, k, v)]
    scale = p.scale or single(1 / math.sqrt(q.shape[-1] or 1))
    score = torch.matmul(q, k.transpose(-1, -2)) * scale
    if bias is not None:
        score = score + bias
    hidden = torch.zeros(score.shape, dtype=torch.bool)
    if mask is not None:
        hidden = hidden | (mask == 0)[:, None, None, :]
    if p.causal:
        hidden = hidden | torch.ones(score.shape[-2:], dtype=torch.bool).triu(1)
    # A query that sees no key: PyTorch's softmax gives NaN, venn's 0.
    alone = hidden.all(dim=-1, keepdim=True)
    weights = F.softmax(score.masked_fill(hidden & ~alone, -math.inf), dim=-1)
    y = torch.matmul(weights.masked_fill(alone, 0), v)
    return y.transpose(1, 2) if p.layout == "bthd" else y


def zeros(x, w_hh):
    return torch.zeros(x.shape[0], w_hh.shape[1], dtype=x.dtype)


def gates(x, h, w_ih, w_hh, b_ih, b_hh, count):
    return F.linear(x, w_ih, b_ih).chunk(count, -1), F.linear(h, w_hh, b_hh).chunk(count, -1)


def gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
    gx, gh = gates(x, h, w_ih, w_hh, b_ih, b_hh, 3)
    r, z = torch.sigmoid(gx[0] + gh[0]), torch.sigmoid(gx[1] + gh[1])
    n = torch.tanh(gx[2] + r * gh[2])
    return (1 - z) * n + z * h


def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    gx, gh = gates(x, h, w_ih, w_hh, b_ih, b_hh, 4)
    i, f, g, o = [a + b for a, b in zip(gx, gh)]
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


@op("gru_cell", "torch.nn.functional.linear, torch.sigmoid, torch.tanh")
def gru_cell(p, x, h, w_ih, w_hh, b_ih=None, b_hh=None):
    return gru_step(x, zeros(x, w_hh) if h is None else h, w_ih, w_hh, b_ih, b_hh)


@op("lstm_cell", "torch.nn.functional.linear, torch.sigmoid, torch.tanh")
def lstm_cell(p, x, h, c, w_ih, w_hh, b_ih=None, b_hh=None):
    h, c = [zeros(x, w_hh) if s is None else s for s in (h, c)]
    return lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh)


def scan(x, states, lengths, reverse, step):
    """Steps of all rows: a row that has ended keeps its states and gives 0."""
    batch, times = x.shape[:2]
    ends = torch.full((batch,), times) if lengths is None else lengths.clamp(0, times)
    rows, y = torch.arange(batch), {}
    for s in range(times):
        at = torch.where(ends > s, ends - 1 - s, torch.full_like(ends, s)) if reverse else \
            torch.full_like(ends, s)
        on = (ends > s).unsqueeze(-1)
        new = step(x[rows, at], *states)
        states = [torch.where(on, a, b) for a, b in zip(new, states)]
        for b in range(batch):
            y[b, int(at[b])] = torch.where(on[b], new[0][b], torch.zeros_like(new[0][b]))
    units = states[0].shape[1]
    if not y:
        return x.new_zeros(batch, times, units), states
    return torch.stack([y[b, t] for b in range(batch) for t in range(times)]).reshape(
        batch, times, units), states


@op("gru", "torch.nn.functional.linear, torch.sigmoid, torch.tanh")
def gru(p, x, h, w_ih, w_hh, b_ih=None, b_hh=None, lengths=None):
    y, last = scan(x, [zeros(x, w_hh) if h is None else h], lengths, p.reverse,
                   lambda x, h: [gru_step(x, h, w_ih, w_hh, b_ih, b_hh)])
    return y, last[0]


@op("lstm", "torch.nn.functional.linear, torch.sigmoid, torch.tanh")
def lstm(p, x, h, c, w_ih, w_hh, b_ih=None, b_hh=None, lengths=None):
    first = [zeros(x, w_hh) if s is None else s for s in (h, c)]
    y, last = scan(x, first, lengths, p.reverse,
                   lambda x, h, c: lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh))
    return (y, *last)
