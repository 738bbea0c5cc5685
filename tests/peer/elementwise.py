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


@op("cast", "torch.Tensor.to")
def cast(p, x):
    kinds = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
    return x.to(kinds[p.dtype]).double()


@op("add", "torch.add")
def add(p, a, b):
    return torch.add(a, b)


@op("sub", "torch.sub")
def sub(p, a, b):
    return torch.sub(a, b)


@op("mul", "torch.mul")
def mul(p, a, b):
    return torch.mul(a, b)


@op("exp", "torch.exp")
def exp(p, x):
    return torch.exp(x)


@op("expm1", "torch.expm1")
def expm1(p, x):
    return torch.expm1(x)


@op("log", "torch.log")
def log(p, x):
    return torch.log(x)


@op("log1p", "torch.log1p")
def log1p(p, x):
    return torch.log1p(x)


@op("sqrt", "torch.sqrt")
def sqrt(p, x):
    return torch.sqrt(x)


@op("pow", "torch.pow")
def pow_(p, x):
    return torch.pow(x, p.exponent)


@op("abs", "torch.abs")
def abs_(p, x):
    return torch.abs(x)


@op("sign", "torch.sign")
def sign(p, x):
    return torch.sign(x).detach()


@op("clamp", "torch.clamp")
def clamp(p, x):
    return torch.clamp(x, p.min, p.max)


@op("softplus", "torch.nn.functional.softplus")
def softplus(p, x):
    return F.softplus(x, beta=p.beta or 1, threshold=p.threshold or 20)


@op("leaky_relu", "torch.nn.functional.leaky_relu")
def leaky_relu(p, x):
    return F.leaky_relu(x, p.slope or single(0.01))


@op("silu", "torch.nn.functional.silu")
def silu(p, x):
    return F.silu(x)


@op("softsign", "torch.nn.functional.softsign")
def softsign(p, x):
    return F.softsign(x)


@op("square", "torch.square")
def square(p, x):
    return torch.square(x)


@op("reciprocal", "torch.reciprocal")
def reciprocal(p, x):
    return torch.reciprocal(x)


@op("smoothed_relu", "torch arithmetic")
def smoothed_relu(p, x):
    power, bend = p.power or 4, p.bend or single(1 / 3)
    curve = torch.clamp(x, 0, bend) ** power / (power * bend ** (power - 1))
    return torch.where(x > bend, x - (1 - 1 / power) * bend, curve)


@op("div", "torch.div")
def div(p, a, b):
    return torch.div(a, b)


@op("maximum", "torch.maximum")
def maximum(p, a, b):
    return torch.maximum(a, b)


@op("minimum", "torch.minimum")
def minimum(p, a, b):
    return torch.minimum(a, b)


@op("power", "torch.pow")
def power(p, a, b):
    return torch.pow(a, b)


@op("equal", "torch.eq")
def equal(p, a, b):
    return torch.eq(a, b).to(a.dtype)


@op("greater", "torch.gt")
def greater(p, a, b):
    return torch.gt(a, b).to(a.dtype)


@op("greater_equal", "torch.ge")
def greater_equal(p, a, b):
    return torch.ge(a, b).to(a.dtype)


@op("where", "torch.where")
def where(p, condition, a, b):
    return torch.where(condition != 0, a, b)


@op("gate", "torch.sigmoid")
def gate(p, x, opening):
    return x * torch.sigmoid(opening)


@op("stop_gradient", "torch.Tensor.detach")
def stop_gradient(p, x):
    return x.detach()
