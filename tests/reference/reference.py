#!/usr/bin/env python3
"""Weights to and from the reference library (safetensors, from PyPI): what it writes loads in venn, and what venn
writes loads in it, with the same bytes, shapes, types and texts.

usage: reference.py COPY_WEIGHTS VENN FOLDER      in a Python that has safetensors and numpy
"""
import glob
import os
import subprocess
import sys

import numpy
import safetensors
import safetensors.numpy

TYPES = {"float32": ("F32", 4), "float16": ("F16", 2), "bfloat16": ("BF16", 2), "int32": ("I32", 4), "uint8": ("U8", 1)}
SHAPES = [[], [0], [1], [7], [3, 5], [2, 3, 4, 1], [256, 257]]
TEXTS = {"format": "np", "about": "n\u00e4me \"quoted\"\n\u2603"}


def write_by_reference(path, random):
    """One file with every type and shape that venn reads; returns {name: (type, shape, bytes)}."""
    arrays, expected, kept = {}, {}, []
    for kind, (tag, size) in TYPES.items():
        for shape in SHAPES:
            name = f"{kind}.{'x'.join(map(str, shape)) or 'scalar'}.\u00e9"
            data = numpy.frombuffer(random.bytes(size * int(numpy.prod(shape))), numpy.uint8)
            kept.append(data)  # while the library holds its address
            arrays[name] = safetensors.TensorSpec(dtype=kind, shape=shape, data_ptr=data.ctypes.data,
                                                  data_len=data.nbytes)
            expected[name] = (tag, shape, data.tobytes())
    safetensors.serialize_file(arrays, path, TEXTS)
    return expected


def read_by_reference(path):
    with open(path, "rb") as file:
        found = safetensors.deserialize(file.read())
    return {name: (a["dtype"], list(a["shape"]), bytes(a["data"])) for name, a in found}


def check(ok, what):
    print(("ok      " if ok else "FAILED  ") + what)
    return ok


def round_trip(copy, folder):
    random = numpy.random.default_rng(1)
    before, after = os.path.join(folder, "reference.safetensors"), os.path.join(folder, "venn.safetensors")
    expected = write_by_reference(before, random)
    done = subprocess.run([copy, before, after], capture_output=True, text=True)
    if not check(done.returncode == 0, f"venn reads the reference's file: {len(expected)} arrays {done.stderr}"):
        return False
    good = check(read_by_reference(after) == expected, "the reference reads venn's file: same types, shapes, bytes")
    with safetensors.safe_open(after, framework="np") as file:
        texts = file.metadata()
        halves = [name for name in file.keys() if name.startswith(("float", "int", "uint"))]
        for name in halves:
            array = file.get_tensor(name)
            good &= array.tobytes() == expected[name][2] and list(array.shape) == expected[name][1]
    good = check(good, f"{len(halves)} of them as numpy arrays")
    return check(all(texts.get(key) == value for key, value in TEXTS.items()), "and its texts") and good


def training(venn, folder):
    run = os.path.join(folder, "run")
    subprocess.run([venn, "train", "digits-kd", "--epochs", "1", "--limit", "256", "-q", "-o", run], check=True,
                   stdout=subprocess.DEVNULL)
    files = glob.glob(run + "/**/*.safetensors", recursive=True)
    good = bool(files)
    for path in files:
        arrays = safetensors.numpy.load_file(path)
        good &= bool(arrays) and all(numpy.isfinite(a).all() for a in arrays.values() if a.dtype.kind == "f")
    return check(good, f"the reference loads weights and checkpoints of a training: {len(files)} files")


def main():
    copy, venn, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    print(f"safetensors {safetensors.__version__}, numpy {numpy.__version__}")
    return not all([round_trip(copy, folder), training(venn, folder)])


if __name__ == "__main__":
    sys.exit(main())
