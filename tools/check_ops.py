#!/usr/bin/env python3
"""Every op of ops.def stands in all of its places: its .c, its .comp, cases.def, ops.h, tests/peer.

usage: check_ops.py ROOT

Cases may stand in tests/cases_*.def, which cases.def includes, prototypes in include/venn/ops_*.h.
An op needs a shader unless it is an alias of its input, built from other ops, made of copies and fills alone, or launched by
a front end that has kernels of its own (venn_<stem>_record, or rules made by VENN_<STEM>_RULES, with
shaders/ops/<stem>.comp). The other
way round, no case and no op file is left without its line in ops.def.
"""
import os
import re
import sys

import source_tree


def code(root, path):
    full = os.path.join(root, path)
    return source_tree.without_comments(source_tree.read(root, path)) if os.path.exists(full) else ""


def family(root, stem, end):
    """Text of stem.end and of all stem_*.end."""
    pattern = re.compile(re.escape(stem) + r"(_\w+)?" + re.escape(end) + "$")
    return "".join(code(root, path) for path in source_tree.files(root) if pattern.match(path))


def needs_shader(root, text):
    if re.search(r"\.alias\s*=\s*true|\.build\s*=", text):
        return False
    front_ends = re.findall(r"\bvenn_(\w+)_record\b", text)
    front_ends += [stem.lower() for stem in re.findall(r"\bVENN_(\w+)_RULES\s*\(", text)]
    if any(os.path.exists(os.path.join(root, f"shaders/ops/{stem}.comp")) for stem in front_ends):
        return False
    only_copies = re.search(r"\bvenn_record_(copy|fill|fill_value)\b", text)
    return not only_copies or re.search(r"\bvenn_record_dispatch\b|_record\s*\(", text)


def check_op(root, op, cases, prototypes, peers):
    findings = []
    source = f"src/ops/{op}.c"
    text = code(root, source)
    if not text:
        return [f"{op}: {source} is missing"]
    if not re.search(rf"\bvenn_op_{op}\s*=", text):
        findings.append(f"{op}: {source} does not define venn_op_{op}")
    shader = f"shaders/ops/{op}.comp"
    if needs_shader(root, text) and not os.path.exists(os.path.join(root, shader)):
        findings.append(f"{op}: {shader} is missing")
    if not re.search(rf'^@op\("{op}",', peers, re.MULTILINE):
        findings.append(f"{op}: tests/peer has no entry that says what it is in PyTorch")
    if op not in cases:
        findings.append(f"{op}: tests/cases.def has no CASE row")
    if not re.search(rf"\b(venn_tensor|void)\s+venn_{op}\s*\(", prototypes):
        findings.append(f"{op}: include/venn/ops.h has no prototype venn_{op}")
    return findings


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = sys.argv[1]
    ops = source_tree.op_names(root)
    rows = re.sub(r"^\s*#define(.*\\\n)*.*", "", family(root, "tests/cases", ".def"), flags=re.MULTILINE)
    cases = set(re.findall(r"^\s*CASE\((\w+)", rows, re.MULTILINE))
    prototypes = family(root, "include/venn/ops", ".h")
    peers = "".join(source_tree.read(root, path) for path in source_tree.files(root)
                    if path.startswith("tests/peer/") and path.endswith(".py"))
    findings = [f"{op}: stands twice in ops.def" for op in sorted(set(ops)) if ops.count(op) > 1]
    for op in ops:
        findings += check_op(root, op, cases, prototypes, peers)
    findings += [f"{op}: tests/cases.def has rows, ops.def has no line" for op in cases - set(ops)]
    for path in source_tree.files(root):
        match = re.match(r"src/ops/(\w+)\.c$", path)
        stem = match and match.group(1)
        if stem and stem not in ops and re.search(rf"\bvenn_op_{stem}\s*=", code(root, path)):
            findings.append(f"{stem}: {path} defines an op, ops.def has no line")
    source_tree.finish("ops", findings, len(ops))


if __name__ == "__main__":
    main()
