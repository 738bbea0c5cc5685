#!/usr/bin/env python3
"""Manual pages against the program: every command has its page, every page its command, and the options that
`venn COMMAND --help` prints are those that stand in bold at the head of the page's entries.

usage: check_man.py PROGRAM DOCS_MAN
"""
import glob
import os
import re
import subprocess
import sys

LINE = re.compile(r"^ {2,6}(?:-([A-Za-z?]), )?--([a-z][a-z0-9-]*)", re.MULTILINE)
ENTRY = re.compile(r"^\*-.*$", re.MULTILINE)
BOLD = re.compile(r"\*(--?[a-zA-Z?][a-z0-9-]*)\*")


def help_of(program, *command):
    """A command's help: its own options, and the names of commands that it lists."""
    text = subprocess.run([program, *command, "--help"], capture_output=True, text=True,
                          check=True).stdout
    options = set()
    for short, long in LINE.findall(text):
        options |= {"--" + long} | ({"-" + short} if short else set())
    listed = re.findall(r"^  ([a-z]\w*) +\S", text, re.MULTILINE) if "COMMAND [ARG" in text else []
    return options, listed


def help_of_all(program, command):
    """Its options and, if it has commands of its own, theirs."""
    options, listed = help_of(program, command)
    for name in listed:
        options |= help_of(program, command, name)[0]
    return options


def page_of(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return text, {option for entry in ENTRY.findall(text) for option in BOLD.findall(entry)}


def check_page(program, folder, command):
    path = os.path.join(folder, f"venn-{command}.1.scd")
    if not os.path.exists(path):
        return [f"{path}: there is no page of venn {command}"]
    text, said = page_of(path)
    has = help_of_all(program, command)
    findings = [f"{path}: {option} is not told of" for option in sorted(has - said)]
    findings += [f"{path}: venn {command} has no {option}" for option in sorted(said - has)]
    for name in help_of(program, command)[1]:
        if f"*venn {command} {name}*" not in text:
            findings.append(f"{path}: venn {command} {name} is not told of")
    return findings


def main():
    program, folder = sys.argv[1:]
    commands = help_of(program)[1]
    findings = [] if commands else [f"{program} --help lists no commands"]
    main_page = page_of(os.path.join(folder, "venn.1.scd"))[0]
    for command in commands:
        findings += check_page(program, folder, command)
        if f"*venn-{command}*(1)" not in main_page:
            findings.append(f"venn.1.scd: venn-{command} is not told of")
    for path in glob.glob(os.path.join(folder, "venn-*.scd")):
        if re.fullmatch(r"venn-(\w+)\.1\.scd", os.path.basename(path)).group(1) not in commands:
            findings.append(f"{path}: there is no such command")
    for finding in findings:
        print(finding)
    print(f"manual pages: {len(commands) + 1} looked at, {len(findings)} wrong")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
