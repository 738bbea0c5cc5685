#!/usr/bin/env python3
"""Runs fuzz targets and ends with a table; any crash, leak, hang or memory beyond its limit fails.

usage: fuzz.py FOLDER [NAME...] [--seconds N] [--executions N] [--jobs N]

FOLDER is a build of the preset fuzz; run from the source tree. Without NAME, all targets of targets.def. What was
learnt stays in FOLDER/corpus/NAME and is begun with the next time; what crashes goes to FOLDER/crashes and, once it
is understood, to tests/fuzz/regressions, which the suite replays.
"""
import argparse
import concurrent.futures
import os
import re
import subprocess
import sys

import seeds

HERE = os.path.dirname(os.path.abspath(__file__))
LINE = re.compile(r"^TARGET\((\w+), (\d+), (\d+)\)$", re.MULTILINE)
# A single allocation, which also covers what a target's own limit cannot see: one that fails.
MALLOC_MB, RSS_MB, HANG_S = 256, 1024, 10


def targets():
    with open(os.path.join(HERE, "targets.def"), encoding="utf-8") as file:
        return {name: int(most) for name, most, _ in LINE.findall(file.read())}


def figure(pattern, text, default=0):
    found = re.findall(pattern, text)
    return int(found[-1]) if found else default


def fuzz(name, most, args):
    """(name, executions, executions per second, branches covered, crashes)"""
    corpus, crashes = (os.path.join(args.folder, kind, name) for kind in ("corpus", "crashes"))
    begin, words = (os.path.join(args.folder, kind, name) for kind in ("seeds", "words"))
    for folder in (corpus, crashes, os.path.dirname(words)):
        os.makedirs(folder, exist_ok=True)
    seeds.make(name, begin, words)
    before = set(os.listdir(crashes))
    limit = [f"-runs={args.executions}"] if args.executions else [f"-max_total_time={args.seconds}"]
    environment = dict(os.environ, UBSAN_OPTIONS="print_stacktrace=1",
                       LSAN_OPTIONS=f"suppressions={os.path.join(HERE, 'fuzz.supp')}:print_suppressions=0",
                       ASAN_OPTIONS="allocator_may_return_null=1:detect_stack_use_after_return=1")
    command = [os.path.join(args.folder, "tests/fuzz", "fuzz_" + name), corpus, begin, f"-dict={words}",
               f"-max_len={most}", f"-artifact_prefix={crashes}/", f"-malloc_limit_mb={MALLOC_MB}",
               f"-rss_limit_mb={RSS_MB}", f"-timeout={HANG_S}", "-print_final_stats=1", "-verbosity=1", *limit]
    regressions = os.path.join(HERE, "regressions", name)
    if os.path.isdir(regressions):
        command.insert(3, regressions)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace")
    log = os.path.join(args.folder, f"{name}.log")
    with open(log, "w", encoding="utf-8") as file:
        file.write(done.stdout + done.stderr)
    found = sorted(set(os.listdir(crashes)) - before)
    for crash in found:
        print(f"{name}: {os.path.join(crashes, crash)}, see {log}", file=sys.stderr)
    executions = figure(r"stat::number_of_executed_units:\s+(\d+)", done.stderr,
                        figure(r"^#(\d+)", done.stderr))
    return (name, executions, figure(r"stat::average_exec_per_sec:\s+(\d+)", done.stderr),
            figure(r" cov: (\d+)", done.stderr), max(len(found), int(done.returncode != 0)))


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n", 1)[0])
    parser.add_argument("folder")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--executions", type=int, default=0, help="of each target, instead of seconds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_intermixed_args()
    args.folder = os.path.abspath(args.folder)
    known = {name: most for name, most in targets().items()
             if os.path.exists(os.path.join(args.folder, "tests/fuzz", "fuzz_" + name))}
    for name in args.names:
        if name not in known:
            sys.exit(f"fuzz.py: no target {name}; there are: {', '.join(known)}")
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        rows = list(pool.map(lambda name: fuzz(name, known[name], args), args.names or known))
    print(f"{'target':14}{'executions':>12}{'per second':>12}{'coverage':>10}{'crashes':>9}")
    for name, executions, speed, coverage, crashes in rows:
        print(f"{name:14}{executions:12,}{speed:12,}{coverage:10,}{crashes:9}")
    bad = sum(row[4] > 0 or row[1] == 0 for row in rows)
    print(f"{len(rows)} targets, {sum(row[1] for row in rows):,} executions, {bad} with crashes")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
