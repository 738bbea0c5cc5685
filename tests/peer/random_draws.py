"""Random ops: exactly, by the generator of philox.py, and by distribution, which no formula of ours
enters. An op alone in its graph draws from stream 0."""
import math

import torch

import philox
from op_table import op

# A draw may be off by so many standard deviations of its mean; over a thousand cases none is.
SIGMAS = 6


def units(p, x):
    drawn = philox.units(p.seed, p.step, 0, x.numel())
    return torch.from_numpy(drawn).reshape(x.shape)


def off_by(count, share, probability):
    """Is a share of `count` draws further from the probability than chance explains?"""
    deviation = math.sqrt(probability * (1 - probability) / count) if count else 0
    return abs(share - probability) > SIGMAS * deviation + 1e-12


def dropped_share(case):
    x, y, p = case.x[0], case.y[0], case.params.p
    if x.size == 0:
        return []
    share = float(((y == 0) & (x != 0)).sum()) / x.size
    return [f"{share:g} of the elements are dropped"] if off_by(x.size, share, p) else []


@op("dropout", "exact stream; share of zeros", check=dropped_share)
def dropout(p, x):
    return torch.where(units(p, x) >= p.p, x / (1 - p.p), torch.zeros_like(x))
