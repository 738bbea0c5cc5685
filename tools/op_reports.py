#!/usr/bin/env python3
"""What the reports of the op tests say (VENN_TEST_REPORT=FILE; one line of JSON per op).

usage: op_reports.py count FILE [--floor N]    "N op cases, F failed"; fails with failures or below N
       op_reports.py compare FILE FILE         fails unless the sample's results are equal bit for bit

Two builds of one program on one device must agree to the last bit; the sample are the cases that both
ran, whatever their VENN_TEST_STRIDE, if it is 1, 2 or 4.
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


def count(path, floor):
    reports = read(path).values()
    cases = sum(report["cases"] for report in reports)
    failures = sum(report["failures"] for report in reports)
    print(f"{cases} op cases, {failures} failed")
    if cases < floor:
        print(f"{path}: {cases} op cases are fewer than the {floor} that there must be")
    return failures == 0 and cases >= max(floor, 1)


def differences(a, b):
    for op in sorted(a.keys() | b.keys()):
        if op not in a or op not in b:
            yield f"{op}: only one of the runs has it"
        elif a[op]["sampled"] != b[op]["sampled"]:
            yield f"{op}: {a[op]['sampled']} and {b[op]['sampled']} cases in the sample"
        elif a[op]["sample_hash"] != b[op]["sample_hash"]:
            yield f"{op}: the results differ in their bits"
    for op in sorted(a.keys() & b.keys()):
        if a[op]["device"] != b[op]["device"]:
            yield f"{op}: {a[op]['device']} and {b[op]['device']} are different devices"


def compare(first, second):
    a, b = read(first), read(second)
    found = list(differences(a, b))
    for line in found:
        print(line)
    sampled = sum(report["sampled"] for report in a.values())
    print(f"{len(a)} ops, {sampled} cases ran twice: {len(found)} differences")
    return not found and sampled > 0


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1], add_help=True)
    commands = parser.add_subparsers(dest="command", required=True)
    counting = commands.add_parser("count")
    counting.add_argument("file")
    counting.add_argument("--floor", type=int, default=0)
    comparing = commands.add_parser("compare")
    comparing.add_argument("files", nargs=2)
    options = parser.parse_args()
    if options.command == "count":
        good = count(options.file, options.floor)
    else:
        good = compare(*options.files)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
