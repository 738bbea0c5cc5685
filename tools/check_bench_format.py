#!/usr/bin/env python3
"""A fresh result file keeps to the schema in docs/, and venn compare can read it.

usage: check_bench_format.py VENN_PROGRAM SCHEMA
"""
import json
import os
import subprocess
import sys
import tempfile

DISTRIBUTIONS = "/usr/bin/python3"  # has the distribution's packages, if another python3 stands before it

try:
    import jsonschema
except ImportError:
    if os.path.realpath(sys.executable) == os.path.realpath(DISTRIBUTIONS):
        sys.exit("check_bench_format: install python3-jsonschema")
    os.execv(DISTRIBUTIONS, [DISTRIBUTIONS, *sys.argv])

# Small work of both kinds, and a device that is not there.
COMMAND = ["bench", "--samples", "2", "--limit", "120", "-q"]


def measure(program, folder, only):
    path = os.path.join(folder, "result.json")
    subprocess.run([program, *COMMAND, "--only", only, "-o", path], check=True, stdout=subprocess.DEVNULL)
    with open(path, encoding="utf-8") as file:
        return path, json.load(file)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, schema = sys.argv[1:]
    with open(schema, encoding="utf-8") as file:
        validator = jsonschema.Draft7Validator(json.load(file))
    rows = 0
    with tempfile.TemporaryDirectory() as folder:
        for only in ("kl_div B=64", "mlp-kd"):
            path, result = measure(program, folder, only)
            for error in validator.iter_errors(result):
                sys.exit(f"{only}: {'/'.join(map(str, error.path))}: {error.message}")
            rows += sum(len(device["rows"]) for device in result["devices"])
            for device in result["devices"]:
                for row in device["rows"]:
                    if row["status"] != "ok":
                        sys.exit(f"{row['name']}: {row['status']}: {row['reason']}")
            subprocess.run([program, "compare", path], check=True, stdout=subprocess.DEVNULL)
            subprocess.run([program, "compare", "--gate", path, path], check=True,
                           stdout=subprocess.DEVNULL)
            result["devices"][0]["rows"][0]["status"] = "perfect"
            if validator.is_valid(result):
                sys.exit("the schema lets an unknown status pass")
    print(f"result files: {rows} rows looked at, 0 wrong")
    if rows < 3:
        sys.exit("too few rows")


if __name__ == "__main__":
    main()
