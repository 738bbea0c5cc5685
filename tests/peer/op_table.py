"""The table of ops: each name with a function that computes the same through PyTorch.

A function takes the op's params (attributes, as `venn op NAME --help` lists them; a random op also has
`seed` and `step`) and its operands in the op's order, floats as float64 tensors, None for one left out.
It returns the op's output, a tuple of outputs, or a Step. Gradients come from torch.autograd, so it must
not detach what has one. In ops.h, 0 stands for a param's default: so it does here.
"""
import importlib
from collections import namedtuple

import numpy

# outputs, and the new content of operands changed in place, by their index
Step = namedtuple("Step", "y updated")
# compute; through: what of PyTorch it goes through; check(case) -> list of complaints, or None
Entry = namedtuple("Entry", "compute through check")

FAMILIES = ["elementwise", "shaping", "reductions", "distances", "linear", "windows", "images",
            "normalisation", "losses", "distillation", "ranking", "indexing", "sequences",
            "modalities", "optimizer_steps", "random_draws"]
TABLE = {}


def single(default):
    """A default as the f32 that venn makes of it."""
    return float(numpy.float32(default))


def op(name, through, check=None):
    """Enters the decorated function as op `name`."""
    def enter(compute):
        if name in TABLE:
            raise ValueError(f"{name} is entered twice")
        TABLE[name] = Entry(compute, through, check)
        return compute
    return enter


def load():
    for family in FAMILIES:
        importlib.import_module(family)
    return TABLE
