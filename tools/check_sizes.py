#!/usr/bin/env python3
"""Sizes and names: files and functions stay small, a name says what the file is and stands once.

usage: check_sizes.py ROOT        soft limits are told, hard ones fail
"""
import ast
import collections
import os
import re
import sys

import source_tree

CODE = re.compile(r"\.(c|h|cpp|py|sh|cmake|def|comp|glsl)$|(^|/)(CMakeLists\.txt|dev|\.ci/run)$")
FILE_HARD, FILE_SOFT, SHADER_SOFT = 800, 400, 250
FUNCTION_HARD, FUNCTION_SOFT = 100, 60
FILE_LIMITS = {"CMakeLists.txt": 150}
BANNED = {"utils", "util", "common", "misc", "helpers", "helper"}
# Names that a tool or a custom asks for in every folder.
REPEATED = {"CMakeLists.txt", "README.md", "DATASET.md", "LICENSE", ".gitignore"}
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")


def c_functions(text):
    """(name, first line, lines) of each function body in C or GLSL."""
    text = source_tree.without_comments(text, keep_strings=False)
    text = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group()), text,
                  flags=re.MULTILINE)
    text = re.sub(r'extern\s+""\s*\{', lambda m: " " * len(m.group()), text)
    depth, start, head = 0, 0, 0
    for at, char in enumerate(text):
        if char == "{":
            if depth == 0:
                start = at
            depth += 1
        elif char == "}":
            depth = max(depth - 1, 0)
            before = text[head:start].strip()
            # A body follows a parameter list; an initializer follows "=", a type its name.
            if depth == 0 and before.endswith(")"):
                name = re.search(r"(\w+)\s*\(", before)
                first = head + len(text[head:start]) - len(text[head:start].lstrip())
                yield (name.group(1) if name else "?", text.count("\n", 0, first) + 1,
                       text.count("\n", first, at) + 1)
            if depth == 0:
                head = at + 1
        elif char == ";" and depth == 0:
            head = at + 1


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def shell_functions(text):
    for match in re.finditer(r"^(\w+)\(\)\s*\{.*?^\}", text, re.MULTILINE | re.DOTALL):
        yield match.group(1), text.count("\n", 0, match.start()) + 1, match.group().count("\n") + 1


def functions(path, text):
    if re.search(r"\.(c|h|cpp|comp|glsl)$", path):
        return c_functions(text)
    if path.endswith(".py"):
        return python_functions(text)
    if path.endswith(".sh") or text.startswith("#!/bin/sh"):
        return shell_functions(text)
    return ()


def check_file(path, text, findings, notes):
    lines = text.count("\n")
    shader = re.search(r"\.(comp|glsl)$", path)
    hard = FILE_LIMITS.get(path, FILE_HARD)
    soft = min(hard, SHADER_SOFT if shader else FILE_SOFT)
    if lines > hard:
        findings.append(f"{path}: {lines} lines, more than {hard}")
    elif lines > soft:
        notes.append(f"note: {path}: {lines} lines, soft limit {soft}")
    for name, line, count in functions(path, text):
        if count > FUNCTION_HARD:
            findings.append(f"{path}:{line}: {name} has {count} lines, more than {FUNCTION_HARD}")
        elif count > FUNCTION_SOFT:
            notes.append(f"note: {path}:{line}: {name} has {count} lines, soft limit {FUNCTION_SOFT}")
    for match in UNFINISHED.finditer(text):
        findings.append(f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()}")


def check_names(paths):
    findings = []
    by_name = collections.defaultdict(list)
    for path in paths:
        name = os.path.basename(path)
        by_name[name].append(path)
        for part in path.split("/"):
            if BANNED & set(re.split(r"[._-]", part.lower())):
                findings.append(f"{path}: the name says nothing")
    for name, same in sorted(by_name.items()):
        if len(same) > 1 and name not in REPEATED:
            findings.append(f"{name}: the name stands more than once: {' '.join(same)}")
    return findings


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = sys.argv[1]
    paths = source_tree.files(root)
    findings, notes = check_names(paths), []
    code = [path for path in paths if CODE.search(path)]
    for path in code:
        check_file(path, source_tree.read(root, path), findings, notes)
    print("\n".join(notes))
    source_tree.finish("sizes and names", findings, len(code))


if __name__ == "__main__":
    main()
