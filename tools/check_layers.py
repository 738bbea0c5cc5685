#!/usr/bin/env python3
"""The layer law, by includes and by symbols.

    base <- vk <- kernel <- graph <- ops <- {nn, optim, data} <- io <- train <- distill <- mfh <- bench <- cli

A layer uses itself and what stands left of it; nn, optim and data do not use one another. Of the top
layers io serves train (checkpoints), train serves distill, and bench may time any of them. Besides:
only vk includes Vulkan headers; the layers below ops name no op; an op uses other ops through
venn/ops.h alone; cli uses the public headers alone; everything with external linkage begins venn_.

usage: check_layers.py ROOT [--objects BUILD_FOLDER] [--nm NM]
"""
import argparse
import glob
import os
import re
import subprocess

import source_tree

ORDER = [["base"], ["vk"], ["kernel"], ["graph"], ["ops"], ["nn", "optim", "data"], ["io"],
         ["train"], ["distill"], ["mfh"], ["bench"], ["cli"]]
RANK = {layer: rank for rank, group in enumerate(ORDER) for layer in group}
# Public headers that are not named after the folder that implements them.
PUBLIC = {"device": "vk", "vulkan": "vk", "tensor": "graph", "tune": "kernel", "op_run": "bench", "venn": "cli",
          "salience": "distill", "ranking": "distill", "tensorboard": "io"}
# What a layer leaves to a higher one to define, declared in a header of its own.
HOOKS = {"venn_autodiff_ones": "graph", "venn_autodiff_add": "graph",
         "venn_autodiff_cast": "graph", "venn_tunables": "kernel", "venn_matrix_test": "kernel",
         "venn_fused_op": "graph", "venn_fused_describe": "graph",
         "venn_fused_is_new": "graph", "venn_fused_make": "graph"}

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)
VULKAN = re.compile(r"^(vulkan/|volk|vk_)")


def may_use(user, used):
    return user == used or RANK[used] < RANK[user]


def public_layer(header):
    stem = os.path.splitext(os.path.basename(header))[0]
    family = stem.split("_")[0]  # ops_loss.h is a part of ops.h
    return PUBLIC.get(stem, stem if stem in RANK else family)


def include_finding(root, path, layer, quote, target, ops):
    """What is wrong with one include of a file in `layer`, or None."""
    where = f"{path}: includes {target}"
    if VULKAN.match(target) and layer != "vk":
        return f"{where}, but only src/vk includes Vulkan headers"
    if quote == "<":
        return None
    folder, _, name = target.rpartition("/")
    if layer == "bench" and re.search(r"tests/(cases\w*|tolerances)\.def$", target):
        return None  # cases and tolerances are the tests', the benchmark's and the program's
    if folder == "venn":
        used = public_layer(target)
        if used not in RANK:
            return f"{where}, a public header that belongs to no layer (PUBLIC in check_layers.py)"
    elif layer == "cli":
        own = folder in ("", "cli") and os.path.exists(os.path.join(root, "src/cli", name))
        return None if own else f"{where}, but cli uses the public headers only"
    elif folder in RANK:
        used = folder
    elif os.path.exists(os.path.join(root, "shaders/ops", name)):
        used = "ops"
    else:
        return None if os.path.exists(os.path.join(root, os.path.dirname(path), target)) else (
            f"{where}, which is in no layer (write it as layer/file)")
    if layer == "ops" and used == "ops" and os.path.basename(path)[:-2] in ops:
        stem = name.split(".")[0]
        if stem in ops and stem != os.path.basename(path)[:-2]:
            return f"{where}, but an op's file includes no other op's"
    return None if may_use(layer, used) else f"{where}: {layer} must not use {used}"


def check_includes(root, paths, ops):
    findings = []
    for path in paths:
        parts = path.split("/")
        layer = public_layer(path) if parts[0] == "include" else parts[1]
        if layer not in RANK:
            findings.append(f"{path}: in no layer (ORDER and PUBLIC in check_layers.py)")
            continue
        text = source_tree.without_comments(source_tree.read(root, path))
        for quote, target in INCLUDE.findall(text):
            finding = include_finding(root, path, layer, quote, target, ops)
            findings += [finding] if finding else []
        if parts[0] == "src" and RANK[layer] < RANK["ops"]:
            findings += [f'{path}: names the op "{op}"'
                         for op in ops if f'"{op}"' in text]
    return findings


def symbols(nm, path):
    """(defined, undefined) names with external linkage of an object file."""
    defined, undefined = set(), set()
    for line in subprocess.run([nm, "-P", "-g", path], capture_output=True, text=True,
                               check=True).stdout.splitlines():
        name, kind = line.split()[:2]
        (undefined if kind in "Uvw" else defined).add(name)
    return defined, undefined


def read_objects(root, build, nm):
    """[(source path, layer, defined, undefined)]; sources made by the build count as base."""
    table = []
    for path in sorted(glob.glob(f"{build}/CMakeFiles/venn*.dir/**/*.o", recursive=True)):
        source = re.sub(r".*?\.dir/", "", path)[:-2]
        if source.startswith("tests/"):
            continue  # what sanitized builds add to the program
        layer = source.split("/")[1] if source.startswith("src/") else "base"
        made = not source.startswith("src/")
        if made or os.path.exists(os.path.join(root, source)):
            table.append((source, layer, *symbols(nm, path)))
    return table


def op_of(source, ops):
    stem = os.path.splitext(os.path.basename(source))[0]
    return stem if source.startswith("src/ops/") and stem in ops else None


def check_symbols(root, table, ops):
    findings, home = [], {}
    for source, layer, defined, _ in table:
        home.update({name: (source, layer) for name in defined})
        findings += [f"{source}: {name} has external linkage and does not begin venn_"
                     for name in sorted(defined)
                     if not name.startswith(("venn_", "_")) and layer != "cli"]
    public = set(re.findall(r"\bvenn_\w+", "".join(
        source_tree.without_comments(source_tree.read(root, path))
        for path in source_tree.files(root) if path.startswith("include/venn/"))))
    for source, layer, _, undefined in table:
        for name in sorted(undefined & set(home)):
            used_source, used = home[name]
            if not may_use(layer, used) and HOOKS.get(name) != layer:
                findings.append(f"{source}: uses {name} of {used_source}, "
                                f"but {layer} must not use {used}")
            if layer == "cli" and used != "cli" and name not in public:
                findings.append(f"{source}: uses {name}, which no public header declares")
            op, used_op = op_of(source, ops), op_of(used_source, ops)
            if op and used_op and op != used_op and name not in public:
                findings.append(f"{source}: uses {name} of the op {used_op}, "
                                "which venn/ops.h does not declare")
    return findings


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root")
    parser.add_argument("--objects", metavar="BUILD_FOLDER")
    parser.add_argument("--nm", default="nm")
    args = parser.parse_args()
    ops = source_tree.op_names(args.root)
    paths = [path for path in source_tree.files(args.root)
             if re.match(r"(src/\w+|include/venn)/[^/]+\.[ch]$", path)]
    findings = check_includes(args.root, paths, ops)
    if args.objects:
        table = read_objects(args.root, args.objects, args.nm)
        if not table:
            findings.append(f"{args.objects}: no object files; build first")
        findings += check_symbols(args.root, table, ops)
    source_tree.finish("layers", findings, len(paths))


if __name__ == "__main__":
    main()
