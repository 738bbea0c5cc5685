#!/usr/bin/env python3
"""analyze.py BUILD: clang's static analyzer over every file of src/ that BUILD compiles (compile_commands.json, which
the preset clang writes). Any finding is a failure. BUILD must hold the headers that it makes, and needs nothing else.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent
FINDING = re.compile(r"^(\S+?:\d+:\d+): (warning|error): (.*)$", re.M)
# Beyond the default ones. Left out on purpose: what asks for memcpy_s and its kin, which glibc does not have.
OPTIONS = ["--analyze", "--analyzer-output", "text", "-Xclang", "-analyzer-checker=optin.portability",
           "-Xclang", "-analyzer-checker=security.FloatLoopCounter",
           "-Xclang", "-analyzer-disable-checker=security.insecureAPI.DeprecatedOrUnsafeBufferHandling"]
# What functions return that always fail, which the analyzer cannot see from another file.
CONTRACTS = ["-include", str(SOURCE / "tools" / "analyzer_contracts.h")]
DEFINE_THEM = {SOURCE / "src" / "base" / "status.c", SOURCE / "src" / "graph" / "graph.c"}


def commands(build):
    """(file, words of the analyzer's command line, folder) of each file of src/."""
    seen = set()
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        # Without venn's headers it is a part of one of the build's tools, and comes again as the library's.
        if path in seen or not path.is_relative_to(SOURCE / "src") or f"-I{SOURCE}/include" not in entry["command"]:
            continue
        seen.add(path)
        words = shlex.split(entry["command"])
        while not re.search(r"clang(-\d+)?$", words[0]): # a compiler cache
            words = words[1:]
        kept, skip = [], False
        for word in words[1:]:
            if not skip and word not in ("-c", "-o"):
                kept.append(word)
            skip = word == "-o"
        # The program, on the public headers alone, has none of them.
        contracts = CONTRACTS if f"-I{SOURCE}/src" in kept and path not in DEFINE_THEM else []
        # Options of compilations that the analyzer has no use for are no findings.
        yield path, [words[0], *OPTIONS, "-Wno-unused-command-line-argument", *kept, *contracts], entry["directory"]


def analyze(job):
    path, command, folder = job
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return path, done.returncode, done.stderr


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    jobs = list(commands(build))
    if not jobs:
        sys.exit(f"analyze.py: {build}/compile_commands.json has no file of src/")
    findings = set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, status, text in pool.map(analyze, jobs):
            found = set(FINDING.findall(text))
            if status and not found:
                sys.exit(f"analyze.py: {path}: clang failed:\n{text}")
            if found - findings:
                print(text, end="", file=sys.stderr)
            findings |= found
    print(f"clang-analyzer: {len(jobs)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
