"""How far a result may be from PyTorch's in float64: the rule and the table of tests/tolerances.def."""
import os
import re

import numpy

UNIT = 2.0 ** -24
ROW = re.compile(r'^OP_TOLERANCE\((\w+), ([\d.e+-]+), ([\d.e+-]+), ([\d.e+-]+),', re.MULTILINE)
INCLUDE = re.compile(r'^#include "(.*)"', re.MULTILINE)


class Tolerance:
    def __init__(self, y=4.0, dx=4.0, floor=0.0):
        self.y, self.dx, self.floor = y, dx, floor


def read_tolerances(path):
    with open(path) as file:
        text = file.read()
    table = {op: Tolerance(float(y), float(dx), float(floor))
             for op, y, dx, floor in ROW.findall(text)}
    for name in INCLUDE.findall(text):
        table.update(read_tolerances(os.path.join(os.path.dirname(path), name)))
    return table


def rms(values):
    return float(numpy.sqrt(numpy.mean(numpy.square(values)))) if values.size else 0.0


def sum_length(case, count):
    """The length of the sum behind one of `count` elements."""
    arrays = [array for array in case.x + case.y if array is not None]
    most = max([case.flops / 2] + [array.size for array in arrays])
    return max(1.0, most / count) if count else 1.0


def shift(want, moved):
    """The rms change of the oracle when its operands move, over several such moves, in units of
    2^-24."""
    with numpy.errstate(invalid="ignore"):
        change = rms(numpy.array([rms(each - want) for each in moved]))
    return change / UNIT if numpy.isfinite(change) else 0.0


def worst_error(got, want, relative, scale):
    """The largest error in units of what is allowed, and where it is."""
    if got.shape != want.shape:
        return numpy.inf, f"shape {list(got.shape)}, PyTorch's {list(want.shape)}"
    if got.size == 0:
        return 0.0, ""
    got, want = numpy.atleast_1d(got), numpy.atleast_1d(want)
    with numpy.errstate(over="ignore", invalid="ignore"):
        same = (got == want.astype(got.dtype)) | (numpy.isnan(got) & numpy.isnan(want))
        error = numpy.abs(got.astype(numpy.float64) - want) / (
            relative * (numpy.abs(want) + scale) + 1e-37)
    if relative == 0:
        error[:] = numpy.inf
    error = numpy.where(same, 0.0, numpy.where(numpy.isfinite(error), error, numpy.inf))
    at = numpy.unravel_index(numpy.argmax(error), error.shape)
    where = f"[{', '.join(str(i) for i in at)}] is {got[at]:.9g}, PyTorch's {want[at]:.9g}"
    return float(error[at]), where


def compare(case, got, want, moved, factor, floor):
    """Of one array; `factor` is the tolerance's y or dx, `moved` a list of what the oracle gives for
    operands off by the last bit."""
    is_float = got.dtype.kind == "f"
    relative = UNIT * factor * numpy.sqrt(sum_length(case, got.size)) if is_float else 0.0
    want = want.astype(numpy.float64)
    scale = max(rms(want), floor) + shift(want, moved)
    return worst_error(got, want, relative, scale)
