"""One case through PyTorch: outputs, new contents and gradients, in float64."""
from collections import namedtuple

import numpy
import torch

from op_table import Step

# Lists as a Case has them.
Answer = namedtuple("Answer", "y updated dx")


def moved(array, rng):
    """The array with every float off by a relative 2^-24, up or down."""
    if array is None or array.dtype.kind != "f":
        return array
    sign = rng.integers(0, 2, array.shape) * 2 - 1
    return numpy.asarray(array.astype(numpy.float64) * (1 + sign * 2.0 ** -24))


def tensor(array, has_gradient):
    if array is None:
        return None
    if array.dtype.kind != "f":
        return torch.from_numpy(array.astype(numpy.int64))
    return torch.from_numpy(array.astype(numpy.float64)).requires_grad_(has_gradient)


def loss_of(y, dy):
    terms = [torch.sum(out * tensor(d, False)) for out, d in zip(y, dy) if d is not None]
    return sum(terms) if terms else None


def gradients(x, y, dy, wanted):
    loss = loss_of(y, dy)
    leaves = [t for t, want in zip(x, wanted) if want]
    found = [None] * len(leaves)
    if leaves and loss is not None and loss.requires_grad:
        found = torch.autograd.grad(loss, leaves, allow_unused=True)
    found = iter(found)
    return [next(found) if want else None for want in wanted]


def numbers(t):
    return None if t is None else t.detach().numpy()


def answer(entry, case, rng=None):
    """With `rng`, operands and upstream gradients move by their last bit."""
    x, dy = case.x, case.dy
    if rng is not None:
        x, dy = [moved(a, rng) for a in x], [moved(a, rng) for a in dy]
    wanted = [dx is not None for dx in case.dx]
    leaves = [tensor(a, want) for a, want in zip(x, wanted)]
    result = entry.compute(case.params, *leaves)
    if not isinstance(result, Step):
        result = Step(result if isinstance(result, tuple) else (result,), {})
    dx = gradients(leaves, result.y, dy, wanted)
    dx = [torch.zeros_like(leaf) if want and d is None else d
          for d, want, leaf in zip(dx, wanted, leaves)]
    # What a Step does not name stays as it was.
    updated = [None if case.updated[i] is None else numbers(result.updated.get(i, leaf))
               for i, leaf in enumerate(leaves)]
    return Answer([numbers(t) for t in result.y], updated, [numbers(t) for t in dx])
