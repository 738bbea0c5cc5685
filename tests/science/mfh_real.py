"""The Modality Focusing Hypothesis on real data: Table 1's shape, and which features should teach."""
import json
import os
import subprocess
import tempfile


def rows(science, *command):
    with tempfile.TemporaryDirectory() as folder:
        rankings = ["--rankings", folder] if command[0] == "features" else []
        print(f"venn mfh {' '.join(command)}", flush=True)
        done = subprocess.run([science.venn, "mfh", *command, *rankings, "--json", "-q"],
                              check=True, stdout=subprocess.PIPE)
    result = json.loads(done.stdout)
    print(f"        {result['seeds']} seeds, {result['seconds']:.1f} s")
    return {row["name"]: row for row in result["rows"]}


def mean(row, key):
    return row[key]["mean"]


def run(science):
    data = os.environ.get("VENN_DATA", ".")
    for name in ("avdigits", "mfeat"):
        if not os.path.isdir(os.path.join(data, name)):
            print(f"left out: there is no folder {name} in VENN_DATA ({data})")
            return
    table = rows(science, "teachers", "avdigits-unimodal", "avdigits-crossmodal")
    alone, fused = table["avdigits-unimodal"], table["avdigits-crossmodal"]
    better = mean(fused, "teacher") - mean(alone, "teacher")
    science.target(better >= 20, f"the fused teacher is 20 points better: {better:+.1f}")
    taught = mean(fused, "student") - mean(alone, "student")
    science.target(taught <= 1, f"its student is at most 1 point better: {taught:+.2f}")
    table = rows(science, "features", "mfeat-kd", "--ratios", "0.5,0.75")
    for out in ("50 % out", "75 % out"):
        general, random, specific = (mean(table[f"{mode}, {out}"], "student")
                                     for mode in ("general", "random", "specific"))
        science.target(general >= random >= specific,
                       f"{out}: general, random, specific features teach in this order: "
                       f"{general:.1f} {random:.1f} {specific:.1f}")
