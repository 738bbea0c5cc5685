"""What the checks share: the files of the tree, C text without comments, and how findings are told."""
import os
import re
import shutil
import subprocess
import sys


def git(root, *words):
    """What the git command prints; nothing if there is no git or it fails."""
    if not shutil.which("git"):
        return b""
    return subprocess.run(["git", "-C", root, *words], capture_output=True).stdout


def files(root):
    """Paths relative to root: what git tracks or would add; without git, all but build folders."""
    if git(root, "rev-parse", "--show-prefix").strip() == b"" and git(root, "rev-parse", "HEAD"):
        listed = git(root, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
        names = {name for name in listed.decode().split("\0") if name}
        return sorted(name for name in names if os.path.isfile(os.path.join(root, name)))
    found = []
    for folder, folders, names in os.walk(root):
        here = os.path.relpath(folder, root)
        if here == ".":
            folders[:] = [f for f in folders if f not in (".git", "runs") and "build" not in f]
        found += [os.path.normpath(os.path.join(here, name)) for name in names if name != ".git"]
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def without_comments(text, keep_strings=True):
    """C or GLSL text with comments (and the insides of literals) blanked, lines kept."""
    def blank(match):
        token = match.group()
        if token[0] == "/":
            return re.sub(r"[^\n]", " ", token)
        return token if keep_strings else token[0] * 2
    return TOKEN.sub(blank, text)


def op_names(root):
    path = "src/ops/ops.def"
    if not os.path.exists(os.path.join(root, path)):
        return []
    return re.findall(r"^\s*OP\((\w+)\)", without_comments(read(root, path)), re.MULTILINE)


def finish(what, findings, looked_at):
    """Prints the findings and ends the program: 0 if there are none and something was looked at."""
    for finding in findings:
        print(finding)
    print(f"{what}: {looked_at} looked at, {len(findings)} wrong")
    sys.exit(1 if findings or not looked_at else 0)
