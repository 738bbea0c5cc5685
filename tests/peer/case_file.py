"""Reads what `venn op NAME --cases DIR` writes."""
import json
import os
from collections import namedtuple
from types import SimpleNamespace

import numpy

# Lists of arrays by operand (x, updated, dx) or output (y, dy), None where there is none.
Case = namedtuple("Case", "name params flops x y updated dy dx")


def read_array(file, entry):
    if entry is None:
        return None
    file.seek(entry["offset"])
    array = numpy.load(file)
    if list(array.shape) != entry["shape"]:
        raise ValueError(f"array at {entry['offset']}: {array.shape}, manifest {entry['shape']}")
    return array


def read_case(file, entry):
    params = SimpleNamespace(**entry["params"])
    for key in ("seed", "step"):
        if key in entry:
            setattr(params, key, int(entry[key]))
    lists = {key: [read_array(file, array) for array in entry[key]]
             for key in ("x", "y", "updated", "dy", "dx")}
    return Case(entry["name"], params, entry["flops"], **lists)


def read_cases(folder):
    """The device's name, and the cases one by one."""
    with open(os.path.join(folder, "cases.json")) as file:
        manifest = json.load(file)

    def walk():
        with open(os.path.join(folder, "arrays.npy"), "rb") as file:
            for entry in manifest["cases"]:
                yield read_case(file, entry)
    return manifest["device"], walk()
