"""Random ops: exactly, by the generator of philox.py, and by distribution, which no formula of ours
enters. An op alone in its graph draws from stream 0."""
import math

import numpy
import torch

import philox
from op_table import op

# A share of draws may be off by so many standard deviations; over a thousand cases none is.
SIGMAS = 6
# The most of the Kolmogorov-Smirnov distance times the root of the count: above by chance in 3 of 10^8.
DISTANCE = 3


def units(p, shape):
    """Uniform in [0, 1), one word for each element."""
    count = math.prod(shape)
    return torch.from_numpy(philox.units(p.seed, p.step, 0, count)).reshape(shape)


def normals(p, shape):
    """By Box-Muller, two words for each element."""
    pairs = philox.units(p.seed, p.step, 0, 2 * math.prod(shape)).reshape(-1, 2)
    radius = numpy.sqrt(-2 * numpy.log1p(-pairs[:, 0]))
    return torch.from_numpy(radius * numpy.cos(2 * math.pi * pairs[:, 1])).reshape(shape)


# ---- Distributions ---------------------------------------------------------------------------

def wrong_share(count, share, probability, what):
    """Is a share of `count` draws further from the probability than chance explains?"""
    deviation = math.sqrt(probability * (1 - probability) / count) if count else 0
    if count == 0 or abs(share - probability) <= SIGMAS * deviation + 1e-12:
        return []
    return [f"{share:g} of {count} elements are {what}, not {probability:g}"]


def far_from(draws, distribution):
    """The Kolmogorov-Smirnov test of draws against a distribution function."""
    n = draws.size
    if n == 0:
        return []
    below = distribution(torch.from_numpy(numpy.sort(draws.reshape(-1).astype(numpy.float64))))
    steps = torch.arange(n + 1, dtype=torch.float64) / n
    distance = max(float(torch.max(below - steps[:-1])), float(torch.max(steps[1:] - below)))
    if distance * math.sqrt(n) <= DISTANCE:
        return []
    return [f"{n} draws are {distance:.3g} from their distribution"]


def dropped_share(case):
    x, y = case.x[0], case.y[0]
    share = float(((y == 0) & (x != 0)).sum()) / max(1, x.size)
    return wrong_share(x.size, share, case.params.p, "dropped")


def share_of_ones(case):
    y = case.y[0]
    return wrong_share(y.size, float(y.sum()) / max(1, y.size), case.params.p, "1")


def uniform_distance(case):
    p, y = case.params, case.y[0]
    if p.high == p.low:
        return []
    return far_from((y - p.low) / (p.high - p.low), lambda u: torch.clamp(u, 0, 1))


def normal_distance(case):
    p, y = case.params, case.y[0]
    return far_from((y - p.mean) / p.std, torch.special.ndtr) if p.std else []


def noise_distance(case):
    std = case.params.std
    return far_from((case.y[0] - case.x[0]) / std, torch.special.ndtr) if std > 1e-3 else []


def is_permutation(case):
    y = case.y[0]
    return [] if (numpy.sort(y) == numpy.arange(y.size)).all() else ["no permutation"]


# ---- Ops -------------------------------------------------------------------------------------


@op("dropout", "exact stream; share of zeros", check=dropped_share)
def dropout(p, x):
    return torch.where(units(p, x.shape) >= p.p, x / (1 - p.p), torch.zeros_like(x))


@op("random_uniform", "exact stream; Kolmogorov-Smirnov", check=uniform_distance)
def random_uniform(p):
    low, high = torch.tensor(p.low), torch.tensor(p.high)  # in f32, to the bit
    return (low + (high - low) * units(p, p.dims[:p.rank]).to(torch.float32)).to(torch.float64)


@op("random_bernoulli", "exact stream; share of ones", check=share_of_ones)
def random_bernoulli(p):
    return (units(p, p.dims[:p.rank]) < p.p).to(torch.float64)


@op("random_normal", "exact stream; Kolmogorov-Smirnov", check=normal_distance)
def random_normal(p):
    return p.mean + p.std * normals(p, p.dims[:p.rank])


@op("gaussian_noise", "exact stream; Kolmogorov-Smirnov", check=noise_distance)
def gaussian_noise(p, x):
    return x + p.std * normals(p, x.shape)


@op("random_permutation", "exact stream; a permutation", check=is_permutation)
def random_permutation(p):
    words = philox.words(p.seed, p.step, 0, p.n)
    return torch.from_numpy(numpy.argsort(words, kind="stable"))
