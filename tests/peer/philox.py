"""Philox-4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011) in NumPy.

Written from the paper. Counter and key are as ARCHITECTURE.md has them: counter (block, stream, step low,
step high), key (low, high).
"""
import numpy

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
LOW = numpy.uint64(0xFFFFFFFF)
HALF = numpy.uint64(32)


def rounds(counter, key):
    """The four words of a counter of four arrays, each of 32 bits in a uint64."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        a = numpy.uint64(MULTIPLIERS[0]) * c0
        b = numpy.uint64(MULTIPLIERS[1]) * c2
        c0, c1, c2, c3 = ((b >> HALF) ^ c1 ^ numpy.uint64(k0), b & LOW,
                          (a >> HALF) ^ c3 ^ numpy.uint64(k1), a & LOW)
        k0, k1 = (k0 + WEYL[0]) & 0xFFFFFFFF, (k1 + WEYL[1]) & 0xFFFFFFFF
    return c0, c1, c2, c3


def words(seed, step, stream, count):
    """The first `count` 32-bit words of a stream, as uint64."""
    block = numpy.arange((count + 3) // 4, dtype=numpy.uint64)
    rest = [numpy.full_like(block, value) for value in (stream, step & 0xFFFFFFFF, step >> 32)]
    mixed = rounds((block, *rest), (seed & 0xFFFFFFFF, seed >> 32))
    return numpy.stack(mixed, axis=1).reshape(-1)[:count]


def units(seed, step, stream, count):
    """Uniform in [0, 1) on a grid of 2^-24."""
    return (words(seed, step, stream, count) >> numpy.uint64(8)).astype(numpy.float64) * 2.0 ** -24
