#!/usr/bin/env python3
"""No kernel uses float atomics, natively or by compare-and-exchange, or more shared memory than every
device has, and all of them are valid.

usage: check_spirv.py FOLDER [VALIDATOR]   a folder of .inc files, SPIR-V words as numbers

Sums in the order in which threads happen to come are not repeatable, and drivers get them wrong.
Integer atomics are exact in any order, so they may stay. Shared memory is counted with the defaults of
the specialization constants; 16 KiB are what Vulkan guarantees. Validity is spirv-val's word, where it
is; a kernel for VK_KHR_cooperative_matrix takes one of 2024 or newer.
"""
import glob
import operator
import os
import re
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

SHARED_MOST = 16384
STORAGE_WORKGROUP = 4
# OpSpecConstantOp's operations that sizes are made of; what another one gives stays unknown, which is
# an error only for a size that needs it.
ARITHMETIC = {128: operator.add, 130: operator.sub, 132: operator.mul, 134: operator.floordiv,
              135: operator.floordiv, 137: operator.mod, 139: operator.mod}
SELECT = 169


def words_of(path):
    with open(path, encoding="ascii") as file:
        text = re.sub(r"//[^\n]*", "", file.read())
    return [int(word, 0) for word in text.replace(",", " ").split()]


def instructions(words):
    at = 5
    while at < len(words):
        count, opcode = words[at] >> 16, words[at] & 0xFFFF
        if count == 0 or at + count > len(words):
            raise ValueError("an instruction runs past the end")
        yield opcode, words[at + 1:at + count]
        at += count


def shared_bytes(listed):
    """Bytes of all variables in a workgroup's memory; KeyError for a size that is not understood."""
    size, value, pointee, total = {}, {}, {}, 0
    for opcode, o in listed:
        if opcode in (21, OP_TYPE_FLOAT):
            size[o[0]] = o[1] // 8
        elif opcode in (23, 24) and o[1] in size:
            size[o[0]] = size[o[1]] * o[2]
        elif opcode == 28 and o[1] in size and o[2] in value:
            size[o[0]] = size[o[1]] * value[o[2]]
        elif opcode == 30 and all(member in size for member in o[1:]):
            size[o[0]] = sum(size[member] for member in o[1:])
        elif opcode == 32:
            pointee[o[0]] = o[2]
        elif opcode in (41, 48):
            value[o[1]] = 1
        elif opcode in (42, 49):
            value[o[1]] = 0
        elif opcode in (43, 50):
            value[o[1]] = o[2]
        elif opcode == 52 and o[2] in ARITHMETIC and o[3] in value and o[4] in value:
            value[o[1]] = ARITHMETIC[o[2]](value[o[3]], value[o[4]])
        elif opcode == 52 and o[2] == SELECT and all(part in value for part in o[3:6]):
            value[o[1]] = value[o[4]] if value[o[3]] else value[o[5]]
        elif opcode == 59 and o[2] == STORAGE_WORKGROUP:
            total += size[pointee[o[0]]]
    return total


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
        shared = shared_bytes(instructions(words))
        if shared > SHARED_MOST:
            findings.append(f"uses {shared} bytes of shared memory, a device may have {SHARED_MOST}")
    except KeyError as error:
        findings.append(f"shared memory of a size not understood (id {error})")
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
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    paths = sorted(glob.glob(os.path.join(sys.argv[1], "*.inc")))
    validator = shutil.which(sys.argv[2] if len(sys.argv) > 2 else "spirv-val")
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
