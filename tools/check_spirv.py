#!/usr/bin/env python3
"""No kernel uses float atomics, natively or by compare-and-exchange, and all of them are valid.

usage: check_spirv.py FOLDER      a folder of .inc files, SPIR-V words as numbers

Sums in the order in which threads happen to come are not repeatable, and drivers get them wrong.
Integer atomics are exact in any order, so they may stay. Validity is spirv-val's word, where it is.
"""
import glob
import os
import shutil
import struct
import subprocess
import sys
import tempfile

import source_tree

MAGIC = 0x07230203
OP_TYPE_FLOAT = 22
ATOMICS = {227, *range(229, 243)}
FORBIDDEN = {230: "OpAtomicCompareExchange", 231: "OpAtomicCompareExchangeWeak",
             5614: "OpAtomicFMinEXT", 5615: "OpAtomicFMaxEXT", 6035: "OpAtomicFAddEXT"}


def words_of(path):
    with open(path, encoding="ascii") as file:
        return [int(word, 0) for word in file.read().replace(",", " ").split()]


def instructions(words):
    at = 5
    while at < len(words):
        count, opcode = words[at] >> 16, words[at] & 0xFFFF
        if count == 0 or at + count > len(words):
            raise ValueError("an instruction runs past the end")
        yield opcode, words[at + 1:at + count]
        at += count


def check_words(words):
    if len(words) < 5 or words[0] != MAGIC:
        return ["is not SPIR-V"]
    findings, floats = [], set()
    try:
        for opcode, operands in instructions(words):
            if opcode == OP_TYPE_FLOAT:
                floats.add(operands[0])
            elif opcode in FORBIDDEN:
                findings.append(f"uses {FORBIDDEN[opcode]}")
            elif opcode in ATOMICS and operands[0] in floats:
                findings.append(f"uses an atomic on a float (opcode {opcode})")
    except ValueError as error:
        findings.append(str(error))
    return findings


def validate(words, validator, scratch):
    with open(scratch, "wb") as file:
        file.write(struct.pack(f"<{len(words)}I", *words))
    run = subprocess.run([validator, "--target-env", "vulkan1.2", scratch], capture_output=True,
                         text=True)
    return [] if run.returncode == 0 else [(run.stderr or run.stdout).strip()]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    paths = sorted(glob.glob(os.path.join(sys.argv[1], "*.inc")))
    validator = shutil.which("spirv-val")
    findings = []
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            words = words_of(path)
            found = check_words(words)
            if validator and not found:
                found = validate(words, validator, os.path.join(folder, "kernel.spv"))
            findings += [f"{os.path.basename(path)[:-4]}: {text}" for text in found]
    source_tree.finish("kernels" if validator else "kernels (no spirv-val)", findings, len(paths))


if __name__ == "__main__":
    main()
