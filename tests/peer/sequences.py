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
