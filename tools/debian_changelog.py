#!/usr/bin/env python3
"""debian_changelog.py CHANGELOG.md PACKAGE VERSION MAINTAINER: a Debian changelog of the same entries, what is
unreleased under VERSION. Its date is a release's own, SOURCE_DATE_EPOCH, the last commit's, or the file's.
"""
import datetime
import email.utils
import os
import pathlib
import re
import subprocess
import sys
import textwrap


def last_change(path):
    """When what is unreleased was changed last; in UTC, so that every machine writes the same."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    if seconds is None:
        git = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=path.parent, capture_output=True, text=True)
        seconds = git.stdout.strip() or path.stat().st_mtime
    return datetime.datetime.fromtimestamp(int(float(seconds)), datetime.timezone.utc)


def releases(path, version):
    """(version, date, entries) of each release with entries, newest first; an entry is (depth, text)."""
    found = []
    for line in path.read_text().splitlines():
        title = re.match(r"## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?", line)
        entry = re.match(r"( *)- (.*)", line)
        if title:
            unreleased = title[1] == "Unreleased"
            day = f"{title[2]}T00:00:00+00:00" if title[2] else None
            found.append((version if unreleased else title[1],
                          datetime.datetime.fromisoformat(day) if day else last_change(path), []))
        elif found and line.startswith("### "):
            found[-1][2].append((0, line[4:] + ":"))
        elif found and entry:
            found[-1][2].append((1 + len(entry[1]) // 2, entry[2]))
        elif found and found[-1][2] and line.strip():
            depth, text = found[-1][2][-1]
            found[-1][2][-1] = depth, f"{text} {line.strip()}"
    return [release for release in found if release[2]]


def main():
    path, package, version, maintainer = pathlib.Path(sys.argv[1]), *sys.argv[2:5]
    for name, date, entries in releases(path, version):
        print(f"{package} ({name}) unstable; urgency=medium\n")
        for depth, text in entries:
            indent = "  " * depth
            print(textwrap.fill(text, 78, initial_indent=f"  {indent}{'*-+'[min(depth, 2)]} ",
                                subsequent_indent=f"    {indent}", break_long_words=False, break_on_hyphens=False))
        print(f"\n -- {maintainer}  {email.utils.format_datetime(date)}\n")


if __name__ == "__main__":
    main()
