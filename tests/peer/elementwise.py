"""Elementwise ops: activations and arithmetic with broadcasting."""
import torch
import torch.nn.functional as F

from op_table import op, single


@op("relu", "torch.nn.functional.relu")
def relu(p, x):
    return F.relu(x)


@op("sigmoid", "torch.sigmoid")
def sigmoid(p, x):
    return torch.sigmoid(x)


@op("tanh", "torch.tanh")
def tanh(p, x):
    return torch.tanh(x)


@op("gelu", "torch.nn.functional.gelu")
def gelu(p, x):
    return F.gelu(x, approximate=p.approximate)


@op("scale", "torch arithmetic")
def scale(p, x):
    return p.scale * x + p.shift


@op("add", "torch.add")
def add(p, a, b):
    return torch.add(a, b)


@op("sub", "torch.sub")
def sub(p, a, b):
    return torch.sub(a, b)


@op("mul", "torch.mul")
def mul(p, a, b):
    return torch.mul(a, b)


@op("stop_gradient", "torch.Tensor.detach")
def stop_gradient(p, x):
    return x.detach()
