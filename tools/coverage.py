#!/usr/bin/env python3
"""coverage.py BUILD [--floor PERCENT]: which lines of src/ a build with --coverage has run since its counters were
last removed (--reset), by gcov. A line is one that has code; one that several objects hold (a header's) has run if
it ran in any. Files that never ran count with all their lines. Prints a table of folders, the files with most lines
that did not run, and one line for programs; fails below the floor.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent


def objects(build):
    """The counters of each object, or its notes where it never ran."""
    for notes in sorted(build.rglob("*.gcno")):
        counters = notes.with_suffix(".gcda")
        yield str(counters if counters.exists() else notes)


def gcov(paths):
    command = ["gcov", "--json-format", "--stdout", *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def count_lines(build):
    """{file below src/: {line: times it ran}}"""
    paths = list(objects(build))
    if not paths:
        sys.exit(f"coverage.py: {build} was not built with --coverage")
    parts = [paths[i:i + 16] for i in range(0, len(paths), 16)]
    ran = collections.defaultdict(dict)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for report in (r for part in pool.map(gcov, parts) for r in part):
            for file in report["files"]:
                path = pathlib.Path(report["current_working_directory"], file["file"]).resolve()
                if not path.is_relative_to(SOURCE / "src"):
                    continue
                lines = ran[path.relative_to(SOURCE / "src")]
                for line in file["lines"]:
                    number = line["line_number"]
                    lines[number] = lines.get(number, 0) + line["count"]
    return ran


def percent(covered, lines):
    return 100 * covered / lines if lines else 100


def print_table(ran):
    folders = collections.defaultdict(lambda: [0, 0])
    for path, lines in ran.items():
        folders[path.parts[0]][0] += len(lines)
        folders[path.parts[0]][1] += sum(count > 0 for count in lines.values())
    print(f"{'folder':<12}{'lines':>8}{'ran':>8}{'percent':>9}")
    for name, (lines, covered) in sorted(folders.items()):
        print(f"{'src/' + name:<12}{lines:>8}{covered:>8}{percent(covered, lines):>9.1f}")


def print_worst(ran, many):
    missed = {path: [n for n, count in sorted(lines.items()) if not count] for path, lines in ran.items()}
    print("\nmost lines that did not run:")
    for path, lines in sorted(missed.items(), key=lambda item: (-len(item[1]), item[0]))[:many]:
        share = percent(len(ran[path]) - len(lines), len(ran[path]))
        print(f"{len(lines):>5} src/{path} ({share:.0f} %)")


def print_missed(ran, names):
    for path, lines in sorted(ran.items()):
        if str(path) in names:
            print(f"src/{path}: " + " ".join(str(n) for n, count in sorted(lines.items()) if not count))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--floor", type=float, default=0)
    parser.add_argument("--reset", action="store_true", help="remove the counters and do nothing else")
    parser.add_argument("--worst", type=int, default=10, help="so many files are named")
    parser.add_argument("--missed", nargs="*", default=[], metavar="FILE", help="print lines of FILE that did not run")
    args = parser.parse_args()
    build = args.build.resolve()
    if args.reset:
        for counters in build.rglob("*.gcda"):
            counters.unlink()
        return 0
    ran = count_lines(build)
    if args.missed:
        print_missed(ran, args.missed)
        return 0
    print_table(ran)
    print_worst(ran, args.worst)
    lines = sum(len(lines) for lines in ran.values())
    covered = sum(sum(count > 0 for count in lines.values()) for lines in ran.values())
    share = percent(covered, lines)
    print(f"\ncoverage lines={lines} covered={covered} percent={share:.2f} floor={args.floor:g}")
    return 0 if share >= args.floor else 1


if __name__ == "__main__":
    sys.exit(main())
