"""Embeddings, attention and recurrent networks."""
import torch
import torch.nn.functional as F

from indexing import in_range, with_spare
from op_table import op


@op("embedding", "torch.nn.functional.embedding")
def embedding(p, table, index):
    where, rows = in_range(index, table.shape[0]), with_spare(table, 0)
    if not p.has_padding:
        return F.embedding(where, rows)
    # The padding's row is 0, which PyTorch leaves to the table.
    rows = rows * (torch.arange(len(rows)) != p.padding).unsqueeze(-1)
    return F.embedding(where, rows, padding_idx=p.padding)
