#!/usr/bin/env python3
"""Pages that venn writes, in a browser: wide and narrow, light and dark.

usage: check_pages.py VENN BROWSER [FOLDER]

VENN is the program, BROWSER a Chromium. Makes a page of each kind, looks at what the browser makes of it (probe.js)
and exits with 1 if something of it is wrong: text that is hard to read, figures without extent, content wider than the
window, files from elsewhere. Screenshots are left in FOLDER.
"""
import html
import json
import os
import re
import subprocess
import sys
import tempfile

POLICY = "default-src &#39;none&#39;;"  # of every page: nothing is loaded and no script runs
HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "..", "..")
SCHEMES = {"dark": 0, "light": 1}
WIDTHS = (1280, 520)


def venn(program, *arguments):
    subprocess.run([program, *arguments, "-q"], check=True, stdout=subprocess.DEVNULL)


def compare_page(program, folder):
    result, page = os.path.join(folder, "bench.json"), os.path.join(folder, "compare.html")
    venn(program, "bench", "--only", "ml", "--samples", "3", "-o", result)
    venn(program, "compare", result, result, "-o", page)
    return page, 5


def distill_page(program, folder):
    with open(os.path.join(SOURCE, "assets/configs/digits-kd.yaml"), encoding="utf-8") as file:
        text = re.sub(r"epochs: \d+", "epochs: 2", re.sub(r"seeds: \d+", "seeds: 2", file.read()))
    config, run = os.path.join(folder, "short.yaml"), os.path.join(folder, "run")
    with open(config, "w", encoding="utf-8") as file:
        file.write(text)
    venn(program, "distill", config, "-o", run)
    return os.path.join(run, "report.html"), 1


def mfh_page(program, folder):
    results, page = os.path.join(folder, "mfh"), os.path.join(folder, "mfh.html")
    os.mkdir(results)
    for sweep in ("gamma", "alpha", "table2"):
        venn(program, "mfh", "gaussian", "--sweep", sweep, "--seeds", "2", "-o",
             os.path.join(results, sweep + ".json"))
    venn(program, "mfh", "report", *(os.path.join(results, name) for name in sorted(os.listdir(results))),
         "-o", page)
    return page, 3


def probed(page, folder):
    """A copy of the page with the probe at its end, and a policy that lets it run."""
    with open(page, encoding="utf-8") as file:
        text = file.read()
    with open(os.path.join(HERE, "probe.js"), encoding="utf-8") as file:
        script = file.read()
    if "</body>" not in text or POLICY not in text:
        sys.exit(f"check_pages.py: {page} is no whole page, or does not forbid scripts")
    text = text.replace(POLICY, POLICY + " script-src &#39;unsafe-inline&#39;;")
    path = os.path.join(folder, "probed.html")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("</body>", f"<script>{script}</script></body>"))
    return path


def look(browser, page, scheme, width, profile, *more):
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
         f"--user-data-dir={profile}", f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}",
         f"--window-size={width},2000", *more, "file://" + os.path.abspath(page)],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120)
    return done.stdout.decode()


def wrong(answer, scheme, width, figures):
    dark = answer["ground"] < 0.1
    return [text for bad, text in (
        (not answer["title"], "it has no title"),
        (abs(answer["width"] - width) > 20, f"the window is {answer['width']} wide"),
        (answer["content"] > answer["width"] + 1, f"its content is {answer['content']} wide"),
        (dark != (scheme == "dark"), f"the ground's luminance is {answer['ground']:.2f}"),
        (answer["figures"] < figures, f"{answer['figures']} figures, not {figures}"),
        (answer["empty"], f"{answer['empty']} figures without extent"),
        (answer["texts"] < 50, "next to no elements"),
        (answer["faint"], "faint text: " + "; ".join(answer["faint"][:5])),
        (answer["loaded"], "it loads " + ", ".join(answer["loaded"])),
    ) if bad]


def check(browser, name, page, figures, folder, shots):
    problems = 0
    copy = probed(page, folder)
    profile = os.path.join(folder, "profile")
    for scheme in SCHEMES:
        for width in WIDTHS:
            found = re.search(r'<pre id="probe">(.*?)</pre>', look(browser, copy, scheme, width, profile, "--dump-dom"))
            bad = wrong(json.loads(html.unescape(found[1])), scheme, width, figures) if found else [
                "the browser did not run the probe"]
            problems += len(bad)
            print(f"{'wrong ' if bad else 'ok    '} {name}, {scheme}, {width} wide" + "".join(
                "\n        " + text for text in bad), flush=True)
            if shots:
                look(browser, page, scheme, width, profile,
                     f"--screenshot={os.path.abspath(shots)}/{name}-{scheme}-{width}.png")
    return problems


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    program, browser = sys.argv[1:3]
    shots = sys.argv[3] if len(sys.argv) == 4 else None
    if shots:
        os.makedirs(shots, exist_ok=True)
    problems = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, make in (("compare", compare_page), ("distill", distill_page), ("mfh", mfh_page)):
            page, figures = make(program, folder)
            problems += check(browser, name, page, figures, folder, shots)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
