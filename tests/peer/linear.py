"""Matrix products, and activations on the way out."""
import torch
import torch.nn.functional as F

from op_table import op

ACTIVATIONS = {"none": lambda x: x, "relu": F.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}


def transposed(x, wanted):
    return x.transpose(-1, -2) if wanted else x


def or_one(values):
    return [value or 1 for value in values]


@op("matmul", "torch.matmul")
def matmul(p, a, b, bias=None):
    y = torch.matmul(transposed(a, p.trans_a), transposed(b, p.trans_b))
    return ACTIVATIONS[p.act](y if bias is None else y + bias)
