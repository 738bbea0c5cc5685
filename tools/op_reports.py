#!/usr/bin/env python3
"""What the reports of the op tests say (VENN_TEST_REPORT=FILE; one line of JSON per op).

usage: op_reports.py count FILE [--floor N] [--expect KEY=VALUE]...
           "N op cases, F failed, ..."; fails with failures, with fewer than N, with more than one in ten
           refused for a limit that VENN_FAKE_LIMITS sets, or where an op was run on another kind of
           device than expected: subgroup=4, family=tile
       op_reports.py compare FILE FILE
           fails unless results are equal bit for bit: those of all cases where both ran all, else those
           of the sample, the cases that every run with VENN_TEST_STRIDE 1, 2, 4, 8 or 16 has
"""
import argparse
import json
import sys


def read(path):
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    reports = {line["op"]: line for line in lines}
    if len(reports) < len(lines):
        sys.exit(f"{path}: an op stands there twice: remove the file before a run")
    return reports


def total(reports, key):
    return sum(report[key] for report in reports)


def count(path, floor, expected):
    reports = list(read(path).values())
    cases, failures, refused = (total(reports, key) for key in ("cases", "failures", "refused"))
    kinds = sorted({f"subgroups of {report['subgroup']}, {report['family']} kernels" for report in reports})
    good = failures == 0 and cases >= max(floor, 1) and refused * 10 <= cases
    print(f"{cases} op cases, {failures} failed" + (f", {refused} refused" if refused else ""), *kinds, sep=", ")
    if cases < floor:
        print(f"{path}: {cases} op cases are fewer than the {floor} that there must be")
    for item in expected:
        key, value = item.split("=")
        wrong = {str(report[key]) for report in reports} - {value}
        if wrong:
            print(f"{path}: {key} is {', '.join(sorted(wrong))}, not {value}: the driver does not play along")
        good = good and not wrong
    return good


def compare_ops(a, b):
    """Of two reports of one op: how many cases were compared, and what differs."""
    whole = a["cases"] == b["cases"]
    n, key = ("cases", "hash") if whole else ("sampled", "sample_hash")
    if a["device"] != b["device"]:
        return 0, f"{a['device']} and {b['device']} are different devices"
    if a[n] != b[n]:
        return 0, f"{a[n]} and {b[n]} cases in the sample"
    return a[n], "" if a[key] == b[key] else "the results differ in their bits"


def compare(first, second):
    a, b = read(first), read(second)
    compared = differences = 0
    for op in sorted(a.keys() | b.keys()):
        n, what = compare_ops(a[op], b[op]) if op in a and op in b else (0, "only one of the runs has it")
        compared += n
        if what:
            differences += 1
            print(f"{op}: {what}")
    print(f"{len(a)} ops, {compared} cases ran twice: {differences} differences")
    return differences == 0 and compared > 0


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1], add_help=True)
    commands = parser.add_subparsers(dest="command", required=True)
    counting = commands.add_parser("count")
    counting.add_argument("file")
    counting.add_argument("--floor", type=int, default=0)
    counting.add_argument("--expect", action="append", default=[])
    comparing = commands.add_parser("compare")
    comparing.add_argument("files", nargs=2)
    options = parser.parse_args()
    if options.command == "count":
        good = count(options.file, options.floor, options.expect)
    else:
        good = compare(*options.files)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
