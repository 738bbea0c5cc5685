#!/usr/bin/env python3
"""Runs fuzz targets and ends with a table; any crash, leak, hang or memory beyond its limit fails.

usage: fuzz.py FOLDER [NAME...] [--seconds N | --executions N | --total N] [--jobs N]

FOLDER is a build of the preset fuzz; run from the source tree. Without NAME, all targets of targets.def. What was
learnt stays in FOLDER/corpus/NAME and is begun with the next time, and FOLDER/totals.json adds up the executions of
all runs; --total N runs each target until they are N, and no more. What crashes goes to FOLDER/crashes and, once it
is understood, to tests/fuzz/regressions, which the suite replays.
"""
import argparse
import concurrent.futures
import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import time

import seeds

HERE = os.path.dirname(os.path.abspath(__file__))
LINE = re.compile(r"^TARGET\((\w+), (\d+), (\d+)\)$", re.MULTILINE)
# A single allocation, which also covers what a target's own limit cannot see: one that fails.
MALLOC_MB, RSS_MB, HANG_S = 256, 1024, 10
# Longer runs are cut into pieces, each of which is added to the totals when it ends.
PIECE_S = 120
# What one input frees fits into the quarantine; more of it only costs page faults, and of libyaml's buffers of 64 KiB
# cache misses. Of where memory came from no more is recorded than the caller, without which nothing counts as a
# leak; a crash is run again for the rest, and libhdf5's leaks are known by it.
ASAN = "allocator_may_return_null=1:detect_stack_use_after_return=1"
ASAN_FAST = ASAN + ":malloc_context_size=2:quarantine_size_mb=16"
ASAN_OF = {"hdf5": ASAN} | dict.fromkeys(
    ("config", "description", "dataset"), ASAN + ":malloc_context_size=2:quarantine_size_mb=1")


def targets():
    with open(os.path.join(HERE, "targets.def"), encoding="utf-8") as file:
        return {name: int(most) for name, most, _ in LINE.findall(file.read())}


def figure(pattern, text, default=0):
    found = re.findall(pattern, text)
    return int(found[-1]) if found else default


def totals(folder, name=None, executions=0, coverage=0):
    """The executions and branches of all runs by target, after adding these."""
    with open(os.path.join(folder, "totals.json"), "a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        known = json.loads(file.read() or "{}")
        if name:
            before = known.setdefault(name, {"executions": 0, "coverage": 0})
            known[name] = {"executions": before["executions"] + executions,
                           "coverage": max(before["coverage"], coverage)}
            file.truncate(0)
            json.dump(known, file, indent=1, sort_keys=True)
    return known


def environment(asan):
    suppressions = os.path.join(HERE, "fuzz.supp")
    return dict(os.environ, UBSAN_OPTIONS="print_stacktrace=1", ASAN_OPTIONS=asan,
                LSAN_OPTIONS=f"suppressions={suppressions}:print_suppressions=0")


class Running:
    """The programs that run; an interrupt ends each with its figures, which are added up like any others."""
    children, stopping = set(), False

    @classmethod
    def stop(cls, *_):
        cls.stopping = True
        for child in list(cls.children):
            child.send_signal(signal.SIGINT)

    @classmethod
    def wait(cls, command, asan, log):
        """(exit status, CPU seconds) of a program that writes to log."""
        child = subprocess.Popen(command, env=environment(asan), stdout=log, stderr=log)
        cls.children.add(child)
        _, status, used = os.wait4(child.pid, 0)
        cls.children.remove(child)
        child.returncode = os.waitstatus_to_exitcode(status)
        return child.returncode, used.ru_utime + used.ru_stime


class Target:
    def __init__(self, name, most, args):
        self.name, self.args = name, args
        self.log = os.path.join(args.folder, f"{name}.log")
        self.executions = self.coverage = self.crashes = 0
        self.cpu = 0.0
        corpus, self.crash_folder, begin, words = (
            os.path.join(args.folder, kind, name) for kind in ("corpus", "crashes", "seeds", "words"))
        for folder in (corpus, self.crash_folder, os.path.dirname(words)):
            os.makedirs(folder, exist_ok=True)
        seeds.make(name, begin, words)
        inputs = [corpus, begin, os.path.join(HERE, "regressions", name)]
        self.program = [os.path.join(args.folder, "tests/fuzz", "fuzz_" + name),
                        f"-malloc_limit_mb={MALLOC_MB}", f"-rss_limit_mb={RSS_MB}", f"-timeout={HANG_S}"]
        self.command = self.program + [
            *filter(os.path.isdir, inputs), f"-dict={words}", f"-max_len={most}", "-reload=0",
            f"-artifact_prefix={self.crash_folder}/", "-print_final_stats=1", "-verbosity=1"]
        self.asan = ASAN_OF.get(name, ASAN_FAST)

    def piece(self, limits):
        """One run of libFuzzer; what it found is run again, for a full report in the log."""
        before = set(os.listdir(self.crash_folder))
        with open(self.log, "a", encoding="utf-8") as log:
            begin = log.tell()
            status, cpu = Running.wait(self.command + limits, self.asan, log)
        with open(self.log, encoding="utf-8", errors="replace") as log:
            log.seek(begin)
            text = log.read()
        found = sorted(set(os.listdir(self.crash_folder)) - before)
        for crash in found:
            path = os.path.join(self.crash_folder, crash)
            print(f"{self.name}: {path}, see {self.log}", file=sys.stderr)
            with open(self.log, "a", encoding="utf-8") as log:
                Running.wait(self.program + [path], ASAN, log)
        executions = figure(r"stat::number_of_executed_units:\s+(\d+)", text, figure(r"^#(\d+)", text))
        coverage = figure(r" cov: (\d+)", text)
        totals(self.args.folder, self.name, executions, coverage)
        self.executions += executions
        self.coverage = max(coverage, self.coverage)
        self.crashes += max(len(found), int(status != 0 and not Running.stopping))
        self.cpu += cpu
        return executions

    def runs_left(self):
        if self.args.total:
            return self.args.total - totals(self.args.folder).get(self.name, {}).get("executions", 0)
        return self.args.executions - self.executions

    def run(self):
        open(self.log, "w", encoding="utf-8").close()
        end = time.monotonic() + self.args.seconds
        counted = self.args.total or self.args.executions
        while not self.crashes and not Running.stopping:
            if counted and self.runs_left() > 0:
                limits = [f"-runs={self.runs_left()}", f"-max_total_time={PIECE_S}"]
            elif not counted and time.monotonic() < end:
                left = int(end - time.monotonic() + 0.999)
                limits = [f"-max_total_time={min(PIECE_S, left)}"]
            else:
                break
            if not self.piece(limits) and not Running.stopping:
                self.crashes = max(self.crashes, 1)  # a target that runs nothing is broken
        return self


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n", 1)[0])
    parser.add_argument("folder")
    parser.add_argument("names", nargs="*")
    limit = parser.add_mutually_exclusive_group()
    limit.add_argument("--seconds", type=int, default=60)
    limit.add_argument("--executions", type=int, default=0, help="of each target, instead of seconds")
    limit.add_argument("--total", type=int, default=0, help="of each target in all runs, instead of seconds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_intermixed_args()
    args.folder = os.path.abspath(args.folder)
    known = {name: most for name, most in targets().items()
             if os.path.exists(os.path.join(args.folder, "tests/fuzz", "fuzz_" + name))}
    for name in args.names:
        if name not in known:
            sys.exit(f"fuzz.py: no target {name}; there are: {', '.join(known)}")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, Running.stop)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        rows = list(pool.map(lambda name: Target(name, known[name], args).run(), args.names or known))
    print(f"{'target':14}{'executions':>12}{'per CPU s':>11}{'in all runs':>13}{'coverage':>10}{'crashes':>9}")
    sums = totals(args.folder)
    for row in rows:
        whole = sums.get(row.name, {"executions": 0, "coverage": 0})
        print(f"{row.name:14}{row.executions:12,}{row.executions / max(row.cpu, 0.01):11,.0f}"
              f"{whole['executions']:13,}{whole['coverage']:10,}{row.crashes:9}")
    bad = sum(row.crashes > 0 for row in rows)
    least = min(sums.get(row.name, {"executions": 0})["executions"] for row in rows)
    print(f"{len(rows)} targets, {sum(row.executions for row in rows):,} executions, at least {least:,} of each in "
          f"all runs, {bad} with crashes")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
