#!/usr/bin/env python3
"""venn's ops beside PyTorch's, forward and backward, on venn's own test cases.

`venn op NAME --cases` runs the cases on a device; here PyTorch computes the same in float64, with its
own gradients, and what differs by more than tests/tolerances.def allows fails. See README.md.

usage: peer.py VENN_PROGRAM [--ops NAME,NAME] [--stride K] [--jobs N] [--json FILE]
"""
import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
import warnings
import zlib

import numpy
import torch

import case_file
import comparison
import edges
import op_table
import oracle

HERE = os.path.dirname(os.path.abspath(__file__))
MOVES = 3  # of operands by their last bit, to see how much of an error they alone explain
TOLERANCES = os.path.join(HERE, "..", "tolerances.def")


class Report:
    """What came of one op."""
    def __init__(self, op):
        self.op, self.cases, self.device, self.seconds = op, 0, "", 0.0
        self.forward, self.gradient, self.has_gradient = 0.0, 0.0, False
        self.complaints = []
        self.edges = 0  # calls with special values
        self.proven = set()  # kinds of arrays whose comparison was seen to fail where it should

    def row(self):
        entry = op_table.TABLE.get(self.op)
        return {"op": self.op, "through": entry.through if entry else None, "cases": self.cases,
                "forward": self.forward, "gradient": self.gradient if self.has_gradient else None,
                "special": self.edges, "passed": not self.complaints, "complaints": self.complaints[:5],
                "seconds": round(self.seconds, 2)}


def spoiled(case, key):
    """The case with one wrong number in its first array of this kind; None if there is none."""
    arrays = getattr(case, key)
    for i, array in enumerate(arrays):
        if array is not None and array.size:
            wrong = numpy.atleast_1d(array.copy())
            at = tuple(extent // 2 for extent in wrong.shape)
            scale = abs(float(wrong[at])) + comparison.rms(array.astype(numpy.float64))
            wrong[at] += 1 if wrong.dtype.kind != "f" else 0.05 * scale + 1e-3
            return case._replace(**{key: arrays[:i] + [wrong.reshape(array.shape)] + arrays[i + 1:]})
    return None


def note(report, case, kind, error, text):
    if kind == "gradient":
        report.has_gradient = True
    setattr(report, kind, max(getattr(report, kind), error))
    if not error <= 1:
        report.complaints.append(f"{case.name}: {text}, {error:.3g} times the tolerance")


def compare_lists(report, case, tolerance, key, want, moved):
    got_list, want_list = getattr(case, key), getattr(want, key)
    kind = "gradient" if key == "dx" else "forward"
    factor = tolerance.dx if key == "dx" else tolerance.y
    if len(got_list) != len(want_list):
        note(report, case, kind, numpy.inf, f"{len(got_list)} of {key}, not {len(want_list)}")
    for i, (got, wanted) in enumerate(zip(got_list, want_list)):
        if (got is None) != (wanted is None):
            who = "venn's" if wanted is None else "PyTorch's"
            note(report, case, kind, numpy.inf, f"{key}[{i}] is {who} alone")
        elif got is not None:
            off = [getattr(answer, key)[i] for answer in moved]
            error, where = comparison.compare(case, got, wanted, off, factor, tolerance.floor)
            note(report, case, kind, error, f"{key}{i}{where}")


def compare_case(report, entry, case, tolerance):
    rng = numpy.random.default_rng(zlib.crc32(case.name.encode()))
    want = oracle.answer(entry, case)
    moved = [oracle.answer(entry, case, rng) for _ in range(MOVES)]
    for key in ("y", "updated", "dx"):
        compare_lists(report, case, tolerance, key, want, moved)
        wrong = None if key in report.proven else spoiled(case, key)
        if wrong:
            report.proven.add(key)
            trial = Report(report.op)
            compare_lists(trial, wrong, tolerance, key, want, moved)
            if not trial.complaints:
                report.complaints.append(f"{case.name}: a wrong number in {key} goes unnoticed")
    if entry.check:
        report.complaints += [f"{case.name}: {text}" for text in entry.check(case)]
    report.cases += 1


def run_op(job):
    """One op from beginning to end; never raises."""
    op, options, tolerance = job
    report, start = Report(op), time.perf_counter()
    entry = op_table.TABLE.get(op)
    try:
        if entry is None:
            raise RuntimeError(f"no entry in {os.path.relpath(HERE)}: add one")
        with tempfile.TemporaryDirectory(prefix="venn-peer-") as folder:
            command = [options.program, "op", op, "--cases", folder, "--stride",
                       str(options.stride), "-q"]
            run = subprocess.run(command, capture_output=True, text=True)
            if run.returncode:
                raise RuntimeError(f"venn ended with {run.returncode}: {run.stderr.strip()}")
            report.device, cases = case_file.read_cases(folder)
            for case in cases:
                try:
                    compare_case(report, entry, case, tolerance)
                except Exception as error:
                    raise RuntimeError(f"{case.name}: {error}") from error
            found, report.edges = edges.complaints(options.program, op, entry, folder)
            report.complaints += found
        if report.cases == 0:
            raise RuntimeError("not one case")
    except Exception as error:
        report.complaints.append(str(error))
    report.seconds = time.perf_counter() - start
    return report


def op_names(options):
    run = subprocess.run([options.program, "op", "--list", "--json"], check=True,
                         capture_output=True)
    names = [op["name"] for op in json.loads(run.stdout)]
    chosen = options.ops.split(",") if options.ops else names
    for name in chosen:
        if name not in names:
            sys.exit(f"peer.py: venn has no op \"{name}\"")
    # An entry for no op is a name that was changed, or spelt wrongly.
    return chosen, sorted(set(op_table.TABLE) - set(names))


def print_row(report):
    row = report.row()
    gradient = f"{row['gradient']:10.3f}" if report.has_gradient else f"{'-':>10}"
    print(f"{row['op']:24} {row['cases']:6} {row['forward']:10.3f} {gradient} "
          f"{row['seconds']:7.1f} s  {'pass' if row['passed'] else 'FAIL'}   {row['through']}")
    for complaint in row["complaints"]:
        print(f"    {complaint}")
    sys.stdout.flush()


def start_worker():
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # what PyTorch thinks of kl_div's mean and of empty batches


def run_all(options):
    names, unknown = op_names(options)
    tolerances = comparison.read_tolerances(TOLERANCES)
    jobs = [(name, options, tolerances.get(name, comparison.Tolerance())) for name in names]
    print("errors in units of the tolerance, worst of all cases")
    print(f"{'op':24} {'cases':>6} {'forward':>10} {'gradient':>10} {'time':>9}  result through")
    with multiprocessing.Pool(options.jobs, start_worker) as pool:
        reports = []
        for report in pool.imap(run_op, jobs):
            print_row(report)
            reports.append(report)
    return reports, unknown


def write_json(path, reports, options):
    device = next((report.device for report in reports if report.device), "")
    document = {"torch": torch.__version__, "device": device, "stride": options.stride,
                "ops": [report.row() for report in reports]}
    with open(path, "w") as file:
        json.dump(document, file, indent=1)
        file.write("\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--ops", help="comma-separated; default: all")
    parser.add_argument("--stride", type=int, default=1, help="every K-th case; best a prime")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    op_table.load()
    start = time.perf_counter()
    reports, unknown = run_all(options)
    if options.json:
        write_json(options.json, reports, options)
    for name in unknown:
        print(f"{name}: has an entry here, but venn has no such op")
    failed = [report.op for report in reports if report.complaints]
    cases = sum(report.cases for report in reports)
    device = next((report.device for report in reports if report.device), "no device")
    print(f"{len(reports) - len(failed)} ops pass, {len(failed) + len(unknown)} fail: {cases} cases "
          f"on {device} against PyTorch {torch.__version__}, {time.perf_counter() - start:.0f} s")
    return 1 if failed or unknown or not reports else 0


if __name__ == "__main__":
    sys.exit(main())
