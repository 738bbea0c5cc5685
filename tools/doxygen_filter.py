#!/usr/bin/env python3
"""Shows doxygen a public header with its comments marked: the filter of docs/Doxyfile.in.

usage: doxygen_filter.py HEADER    (prints as many lines as the header has)

A comment is for the declarations right below it, up to the next comment or blank line, and one behind a field for
that field. `// ---- TITLE ----` begins a section; a comment with a blank line below is about what is left of it.
Names of the library become links: doxygen fails where one is not declared.
"""
import re
import sys

TITLE = re.compile(r"// ---- (.*?) -+$")
FULL = re.compile(r"\s*//(.*)$")
DECLARED = re.compile(r"#define (\w+)|typedef (?:enum|struct|union) (\w+)|\(\*(\w+)\)|\b(venn_\w+)\(")


def link(match):
    name, field = match.groups()
    return f"\\link {name}{'::' + field if field else ''} {match.group()}\\endlink"


def marked_up(text):
    """A line of prose: nothing in it is a command of doxygen's but what is put there here."""
    text = text.replace(".. ", "..&nbsp;")  # ends no sentence
    parts = re.split(r"`([^`]*)`", text)
    for i, part in enumerate(parts):
        part = re.sub(r'([\\@$#<>%"]|&(?!nbsp;))', r"\\\1", part)
        if i % 2 == 0:  # a name that nobody declares is doxygen's to complain of
            part = re.sub(r"\b(venn_[a-z]\w*\b(?![*/]))(?:\.(\w+))?", link, part)
        parts[i] = f"<code>{part}</code>" if i % 2 else part
    return "".join(parts)


def block(texts):
    """Lines of a comment: paragraphs and lists as they are, other lines that are indented as they stand."""
    out, item, margin = [], False, None
    for text in texts + [""]:
        item = text.startswith(" - ") or item and text.startswith("   ")
        stands = text.startswith("   ") and not item
        if margin is not None and not stands:
            out[-1] += " @endverbatim"
            margin = None
        if not stands:
            out.append(re.sub(r"^(?=\*)", "&zwj;", marked_up(text.strip())))
            continue
        begins = margin is None
        if begins:
            margin = len(text) - len(text.lstrip())
        out.append("@verbatim " * begins + text[margin:])
    return out[:-1]


def commented(lines):
    """As many lines, as a comment of doxygen's. In one of slashes verbatim text would have them, too."""
    return ["/** " + lines[0], *lines[1:-1], lines[-1] + " */"] if len(lines) > 1 else [f"/** {lines[0]} */"]


class Header:
    def __init__(self, lines):
        self.lines, self.out = lines, []
        self.title, self.in_section = "", False
        self.listed = False  # whether the section has anything but structs
        self.depth, self.open, self.macro = 0, False, False  # braces; whether a declaration, a macro goes on
        self.above = None                 # what the last comment is about, None after a blank line
        self.documented = False           # whether the comment is right above
        self.column = -1                  # of the comment behind the last line
        self.functions = set(re.findall(r"^\w.*?\b(venn_\w+)\(", "\n".join(lines), re.M))

    def comment(self, i):
        end = i
        while end < len(self.lines) and FULL.match(self.lines[end]) and not TITLE.match(self.lines[end]):
            end += 1
        return [FULL.match(line).group(1) for line in self.lines[i:end]]

    def section(self, title, texts):
        """@name ... @{, in as many lines as there are texts, or in one."""
        close = "/** @} */ " if self.in_section else ""
        self.in_section = True
        if not texts:
            return [f"{close}/** @name {marked_up(title)} */ /** @{{ */"]
        lines = block(texts)
        return [f"{close}/** @name {marked_up(title)}"] + lines[:-1] + [lines[-1] + " */ /** @{ */"]

    def heading(self, i):
        self.title, self.listed = TITLE.match(self.lines[i]).group(1), False
        texts = self.comment(i + 2)
        after = i + 2 + len(texts)
        if self.lines[i + 1] or not texts or after < len(self.lines) and self.lines[after]:
            self.out += self.section(self.title, [])
            return i + 1
        self.out += self.section(self.title, [""] + texts)
        return after

    def whole_comment(self, i):
        texts = self.comment(i)
        after = i + len(texts)
        detached = self.depth == 0 and (after == len(self.lines) or not self.lines[after].strip())
        if detached and self.out[-1] == "":
            self.out[-1:] = self.section(self.title + (", continued" if self.listed else ""), texts)
        else:
            self.out += commented(block(texts))
            self.documented = True
        return after

    def shared(self, text):
        """What goes before a declaration that begins here, and what behind it, because of others near it."""
        found = DECLARED.search(text)
        name = next(filter(None, found.groups())) if found else None
        self.listed |= bool(name) and not text.startswith("typedef struct")
        above, documented = self.above, self.documented
        self.documented = False
        if documented:
            self.above = name
        elif name and above:
            copy = f"@copydoc {above}"
            return ("", " ///< " + copy) if text.startswith("#") else (f"/** {copy} */ ", "")
        elif name and "struct" in text and name.endswith("_params") and name[:-7] in self.functions:
            return f"/** Parameters of {marked_up(name[:-7])}. */ ", ""
        return "", ""

    def code(self, i):
        text, slashes, comment = self.lines[i].partition("//")
        inside = self.depth
        first = not self.open
        if first and inside == 0 and not re.match(r"#(?!define)|}", text):
            before, behind = self.shared(text)
            if behind and not slashes:
                return text + behind
        else:
            before = ""
        if text.startswith("#") or self.macro:
            self.open = self.macro = text.endswith("\\")
        elif not re.match(r'extern "C"|}$', text):
            self.depth += text.count("{") - text.count("}")
            self.open = not text.rstrip().endswith(("{", "}", ";"))
        self.column = len(text) if slashes else -1
        if self.depth > inside:
            self.documented = False
        if inside and first and self.depth == inside and text.rstrip().endswith(";"):
            return self.field(i, text, marked_up(comment.strip()))
        return before + text + ("///< " + marked_up(comment.strip()) if slashes else "")

    def field(self, i, text, comment):
        """What names and type say already needs no comment; one behind several names is about each."""
        documented, self.documented = self.documented, False
        several = re.match(r"(\s*(?:const |struct )*\w+ )([^()]*,[^()]*);", text)
        if not comment and not documented:
            comment = "&zwj;"
        if not several:
            return text + ("///< " + comment if comment else "")
        while i + 1 < len(self.lines) and self.continues(self.lines[i + 1]):
            i += 1
            comment += " " + marked_up(FULL.match(self.lines[i]).group(1).strip())
            self.lines[i] = ""
        return " ".join(f"/** {comment} */ {several.group(1)}{name.strip()};" for name in several.group(2).split(","))

    def continues(self, line):
        return FULL.match(line) and line.index("//") == self.column

    def convert(self):
        head = self.comment(0)
        self.out = commented(["@file"] + block(head)) + [""]
        i = len(head) + 2  # the include guard makes room
        while i < len(self.lines):
            line = self.lines[i]
            if TITLE.match(line):
                i = self.heading(i)
                continue
            if self.continues(line):
                self.out.append("///< " + marked_up(FULL.match(line).group(1)))
            elif FULL.match(line):
                i = self.whole_comment(i)
                continue
            elif not line.strip():
                self.above, self.documented, self.column = None, False, -1
                self.out.append("")
            elif i == len(self.lines) - 1:
                self.out.append("/** @} */" if self.in_section else "")  # instead of the guard's end
            else:
                self.out.append(self.code(i))
            i += 1
        return self.out


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = file.read().splitlines()
    print("\n".join(Header(lines).convert()))


if __name__ == "__main__":
    main()
