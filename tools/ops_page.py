#!/usr/bin/env python3
"""Writes docs/ops.md, the table of all ops, from reports of their tests (VENN_TEST_REPORT=FILE), or checks it.

usage: ops_page.py write ROOT REPORT...     `./dev ops [OP...]` runs the tests and then this
       ops_page.py check ROOT PROGRAM       fails unless the page has the ops that the venn program PROGRAM
                                            has, each with its formula, gradient and types; runs no op

Rows of ops in the reports are new, those of other ops stay as they were. Every op of src/ops/ops.def must
end up with a row that every device has filled; reports with failures are refused.
"""
import json
import os
import re
import subprocess
import sys

import source_tree

PAGE = "docs/ops.md"
DEVICES = {"llvmpipe": "lavapipe", "SwiftShader": "SwiftShader"}  # by the start of their names
TYPES = ("f32", "f16", "bf16")
HEAD = """# Ops

Written by `./dev ops` from the tests of all ops; `./dev ops NAME` writes the row of one. `venn ops` prints
the same for the device at hand, and `venn op NAME --help` what an op takes.

A cell is *cases run · worst error*, of outputs and gradients, against the formula in double precision and in
units of what `tests/tolerances.def` allows: up to 1 is right, 0 is right to the last bit that the type holds.
**-** stands where an op does not take the type. Operands that are indices, classes or masks are i32 or u8
under every heading. Arithmetic is f32 throughout: f16 and bf16 are how operands and results are stored.
"""


def families(root):
    """(title, ops) of each block of ops.def, by its comment line."""
    blocks = [("core", [])]
    for line in source_tree.read(root, "src/ops/ops.def").splitlines()[1:]:
        comment, op = re.match(r"\s*//\s*(.*)", line), re.match(r"\s*OP\((\w+)\)", line)
        if comment:
            blocks.append((comment.group(1), []))
        elif op:
            blocks[-1][1].append(op.group(1))
    return blocks


def old_rows(root):
    """What the page has already: cells by op, after the name."""
    path = os.path.join(root, PAGE)
    if not os.path.exists(path):
        return {}
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", source_tree.read(root, PAGE), re.MULTILINE)
    return {op: cells.split(" | ") for op, cells in rows}


def told(op):
    """The cells that say what an op is, of a report or of the program's list of ops."""
    return [op["summary"].replace("|", "\\|"), "yes" if op["differentiable"] else "no"]


def cell(kind):
    if not kind["taken"]:
        return "-"
    if kind["unsupported"] and not kind["cases"]:
        return "unsupported"
    return f"{kind['cases']} · {max(kind['value'], kind['gradient']):.2g}"


def device_of(report):
    for start, name in DEVICES.items():
        if report["device"].startswith(start):
            return name
    sys.exit(f"{report['device']}: the page has columns for {', '.join(DEVICES.values())} alone")


def new_row(old, report):
    """Cells: what the op is, then a type after the other of each device."""
    cells = told(report) + (old[2:] if old else [""] * len(DEVICES) * len(TYPES))
    first = 2 + list(DEVICES.values()).index(device_of(report)) * len(TYPES)
    cells[first:first + len(TYPES)] = [cell(kind) for kind in report["types"]]
    return cells


def table(ops, rows):
    columns = ["op", "computes", "gradient", *(f"{name} {kind}" for name in DEVICES.values() for kind in TYPES)]
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return "\n".join(lines + [f"| `{op}` | {' | '.join(rows[op])} |" for op in ops]) + "\n"


def write(root, paths):
    rows, n = old_rows(root), 0
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for report in map(json.loads, file):
                if report["failures"]:
                    sys.exit(f"{path}: {report['op']}: {report['first_failure']}")
                rows[report["op"]] = new_row(rows.get(report["op"]), report)
                n += 1
    blocks = [(title, ops) for title, ops in families(root) if ops]
    empty = [op for _, ops in blocks for op in ops if "" in rows.get(op, [""])]
    if empty or not n:
        sys.exit(f"no report of {', '.join(empty) or 'any op'}: ./dev ops {' '.join(empty)}")
    text = HEAD + "".join(f"\n## {title}\n\n{table(ops, rows)}" for title, ops in blocks)
    with open(os.path.join(root, PAGE), "w", encoding="utf-8") as file:
        file.write(text)
    print(f"{PAGE}: {n // len(DEVICES)} rows are new")


def is_up_to_date(row, op):
    taken = [kind == "f32" or op["half"] for _ in DEVICES for kind in TYPES]
    return row[:2] == told(op) and [cell != "-" for cell in row[2:]] == taken


def check(root, program):
    listed = subprocess.run([program, "op", "--list", "--json"], check=True, capture_output=True).stdout
    ops = {op["name"]: op for op in json.loads(listed)}
    rows = old_rows(root)
    stale = [name for name, op in ops.items() if name not in rows or not is_up_to_date(rows[name], op)]
    findings = [f"{PAGE} does not have {name} as it is" for name in stale]
    findings += [f"{PAGE} has {name}, which is no op" for name in rows if name not in ops]
    if findings:
        findings.append(f"`./dev ops {' '.join(stale or list(ops)[:1])}` puts the page right")
    source_tree.finish("rows of ops", findings, len(ops))


def main():
    if sys.argv[1:2] == ["write"] and len(sys.argv) > 3:
        write(sys.argv[2], sys.argv[3:])
    elif sys.argv[1:2] == ["check"] and len(sys.argv) == 4:
        check(*sys.argv[2:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
