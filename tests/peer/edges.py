"""Special values: zeros of both signs, infinities, NaN, numbers whose squares overflow or vanish.

The test cases hold ordinary numbers. Here ops get the others, one call of `venn op` each, and have to
give what PyTorch gives in float64, rounded to f32: the same infinities and NaNs, and elsewhere the same
number to a few units in the last place. AGREED lists where they differ on purpose.
"""
import json
import os
import subprocess
import types

import numpy

import case_file
import comparison
import oracle

INF, NAN = numpy.inf, numpy.nan
VALUES = [0.0, -0.0, 1.0, -1.0, 1e-30, -1e-30, 0.01, -0.01, 20.0, -20.0, 100.0, -100.0, 3e4, -3e4,
          3e38, -3e38, INF, -INF, NAN]
ROWS = [[NAN, 1, 2], [INF, 1, 2], [-INF, 1, 2], [-INF, -INF, -INF], [INF, INF, 1], [1e38, -1e38, 3e38],
        [0, -0.0, 0], [1e4, 1e4 - 1, 0], [100, -100, 0], [1e-30, 0, -1e-30]]
UNITS = 64  # in the last place; the cases hold ops to much less

# Calls: op, parameters, operands (lists become f32).
UNARY = [("relu", ""), ("sigmoid", ""), ("tanh", ""), ("gelu", ""), ("gelu", "approximate=tanh"),
         ("scale", "scale=-2 shift=1"), ("exp", ""), ("expm1", ""), ("log", ""), ("log1p", ""),
         ("sqrt", ""), ("abs", ""), ("sign", ""), ("clamp", "min=-2 max=50"), ("softplus", ""),
         ("softplus", "beta=3 threshold=5"), ("leaky_relu", ""), ("leaky_relu", "slope=-2"),
         ("silu", ""), ("square", ""), ("reciprocal", ""), ("smoothed_relu", ""), ("to_i32", "")]
UNARY += [("pow", f"exponent={exponent}") for exponent in (-2, -1, -0.5, 0, 0.5, 1, 2, 3, 2.5)]
BINARY = [(op, "") for op in ("add", "sub", "mul", "div", "maximum", "minimum", "power", "equal",
                              "greater", "greater_equal", "gate")]
BINARY += [(op, "reduction=none") for op in ("mse", "l1", "smooth_l1", "huber")]
ROWWISE = [("softmax", ""), ("log_softmax", ""), ("sum", "axes=2"), ("mean", "axes=2"),
           ("max", "axes=2"), ("min", "axes=2"), ("max", "axes=1"), ("prod", "axes=2"),
           ("logsumexp", "axes=2"), ("cumsum", "axis=1"), ("cumsum", "axis=0 reverse=1"),
           ("argmax", ""), ("sort", "axis=1"), ("sort", "axis=1 descending=1"), ("argsort", "axis=1"),
           ("top_k", "axis=1 k=2"), ("top_k", "axis=1 k=2 smallest=1")]
# Of an image of ROWS and its double, where every number has an equal beside it.
WINDOWS = [("max_pool2d", "kernel=2 stride=1"), ("max_pool2d", "kernel=3 stride=2 pad=1"),
           ("adaptive_max_pool2d", "size=4,2"),
           ("adaptive_avg_pool2d", "size=4,2")]
# Of rows whose squares do not overflow.
NORMS = [("layer_norm", ""), ("rms_norm", ""), ("norm", "axes=2"), ("l2_normalize", "axes=2")]

# op: {"y" or "dx": where(x, got, want), a mask of what may differ}, and why.
AGREED = {
    # Of the tanh form the limits, 1 and 0; PyTorch's is NaN.
    "gelu": {"dx": lambda x, got, want: numpy.isinf(x[0])},
    # A power of -0 that is not odd has no sign, but PyTorch takes the power -1/2 as 1 / sqrt(x).
    # And PyTorch takes square roots of -infinity, which are NaN; as powers they are infinite.
    "pow": {kind: lambda x, got, want: numpy.isneginf(x[0]) & numpy.isnan(want) |
            (x[0] == 0) & numpy.isposinf(got) & numpy.isneginf(want) for kind in ("y", "dx")},
    # The slope of NaN is NaN; PyTorch's clamp makes it 0.
    "smoothed_relu": {"dx": lambda x, got, want: numpy.isnan(x[0])},
    # A sigmoid that is 0 or 1 in f32, but not quite in f64, times something huge.
    "gate": {kind: lambda x, got, want: (abs(x[0]) > 1e4) & (numpy.isnan(got) | (got == 0))
             for kind in ("y", "dx")},
    # Squares of numbers below 1e-19 vanish in f32.
    "norm": {"y": lambda x, got, want: (got == 0) & (abs(x[0]).max(axis=-1) < 1e-19),
             "dx": lambda x, got, want: abs(x[0]).max(axis=-1, keepdims=True) < 1e-19},
    # The product of the others is a quotient, which is NaN where the whole overflows or is not a number.
    "prod": {"dx": lambda x, got, want: ~numpy.isfinite(numpy.prod(x[0], axis=-1, keepdims=True))},
    # 0 at 0, where the slope is infinite, as the kernels of distances want it.
    "sqrt": {"dx": lambda x, got, want: x[0] == 0},
    # NaN has no sign; PyTorch's is 0.
    "sign": {"y": lambda x, got, want: numpy.isnan(x[0])},
    # x > 0 is false for NaN.
    "relu": {"dx": lambda x, got, want: numpy.isnan(x[0])},
    # The slope of NaN is NaN; PyTorch's is 0.
    "l1": {"dx": lambda x, got, want: numpy.isnan(got) & numpy.isnan(x[0] - x[1])},
    # NaN never wins.
    "argmax": {"y": lambda x, got, want: numpy.isnan(x[0]).any(axis=-1)},
    # An infinity makes its whole row NaN, not itself alone.
    "rms_norm": {"y": lambda x, got, want: numpy.isinf(x[0]).any(axis=-1, keepdims=True),
                 "dx": lambda x, got, want: numpy.isinf(x[0]).any(axis=-1, keepdims=True)},
}


def f32(values):
    return numpy.array(values, numpy.float32)


def calls():
    pairs = numpy.array([(a, b) for a in VALUES for b in VALUES], numpy.float32)
    for op, params in UNARY:
        yield op, params, [f32(VALUES)]
    for op, params in BINARY:
        yield op, params, [pairs[:, 0].copy(), pairs[:, 1].copy()]
    for op, params in ROWWISE:
        yield op, params, [f32(ROWS)]
    for op, params in WINDOWS:
        image = f32(ROWS)[None, None]
        yield op, params, [image]
        yield op, params, [image.repeat(2, 2).repeat(2, 3)]
    for op, params in NORMS:
        yield op, params, [f32([row for row in ROWS if max(abs(numpy.array(row))) != 3e38])]
    yield "cross_entropy", "reduction=none", [f32(ROWS), numpy.arange(len(ROWS), dtype="i4") % 3]


# ---- Running ---------------------------------------------------------------------------------

def value_of(param, text):
    """A parameter as `--cases` tells it; text None: the default."""
    if param["type"] == "choice":
        return text or param["choices"][0]
    if param["type"] == "ints":
        numbers = [int(word) for word in text.split(",")] if text else [0]
        return numbers * param["count"] if len(numbers) == 1 else numbers
    number = float(numpy.float32(text or 0))
    return {"float": number, "int": int(number), "bool": number != 0}[param["type"]]


def describe(program, op):
    run = subprocess.run([program, "op", op, "--json"], check=True, capture_output=True)
    return json.loads(run.stdout)


def run(program, op, params, x, folder):
    """The call as a Case: gradients of all operands that have one, of ones at the output."""
    about = describe(program, op)
    given = dict(word.split("=") for word in params.split())
    values = {param["name"]: value_of(param, given.get(param["name"])) for param in about["params"]}
    has_gradient = [operand["differentiable"] for operand in about["inputs"][:len(x)]]
    names = [os.path.join(folder, f"{kind}{i}.npy") for kind in "xd" for i in range(len(x))]
    operands, gradients = names[:len(x)], names[len(x):]
    outputs = [os.path.join(folder, f"y{i}.npy") for i in range(about["outputs"])]
    command = [program, "op", op, *operands, "-q"]
    command += [word for name in outputs for word in ("-o", name)]
    command += [word for text in params.split() for word in ("--param", text)]
    for name, array in zip(operands, x):
        numpy.save(name, array)
    for name, wanted in zip(gradients, has_gradient):
        command += ["--grad-out", name if wanted else "-"] if any(has_gradient) else []
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"special values: venn ended with {done.returncode}: {done.stderr}")
    y = [numpy.load(name) for name in outputs]
    dy = [numpy.ones_like(y[0])] + [None] * (len(y) - 1)
    dx = [numpy.load(name) if wanted else None for name, wanted in zip(gradients, has_gradient)]
    return case_file.Case(f"{op} {params} on special values", types.SimpleNamespace(**values), 0, x,
                          y, [None] * len(x), dy, dx)


# ---- Comparing -------------------------------------------------------------------------------

def without_agreed(op, kind, x, got, want):
    """`got`, with what is agreed to differ put right."""
    agreed = AGREED.get(op, {}).get(kind)
    if agreed is None or got.shape != want.shape:
        return got
    with numpy.errstate(invalid="ignore"):
        return numpy.where(agreed(x, got, want), want.astype(got.dtype), got)


def complaints(program, op, entry, folder):
    """What is wrong with the op on special values, as texts; and the number of calls."""
    found, count = [], 0
    for name, params, x in calls():
        if name != op:
            continue
        count += 1
        case = run(program, op, params, x, folder)
        want = oracle.answer(entry, case)
        pairs = [("y", got, wanted) for got, wanted in zip(case.y, want.y)]
        pairs += [("dx", got, wanted) for got, wanted in zip(case.dx, want.dx) if got is not None]
        for kind, got, wanted in pairs:
            got = without_agreed(op, kind, x, got, wanted)
            # A slope may round to 0: y (1 - y) does where y rounds to 1.
            scale = 1 if kind == "dx" else 0
            error, where = comparison.worst_error(got, wanted, UNITS * comparison.UNIT, scale)
            if not error <= 1:
                found.append(f"{case.name}: {kind}{where}")
    return found, count
