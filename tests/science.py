#!/usr/bin/env python3
"""The experiments of the papers at full size, and what they must show.

usage: science.py VENN [NAME ...]

VENN is the program. Each experiment is run once; every target is printed with the figure it is about and
whether it is met. The exit status is 1 if one is missed. Names: mfh-gamma mfh-alpha mfh-table2 mfh-avd,
and what has a file in science/: its run(science) is given the functions of Science below.
"""
import glob
import importlib.util
import json
import os
import subprocess
import sys
import tempfile

TARGETS = []  # (met, text)


def target(met, text):
    TARGETS.append(met)
    print(f"{'ok    ' if met else 'MISSED'}  {text}", flush=True)


def run(venn, *arguments):
    print(f"venn {' '.join(arguments)}", flush=True)
    done = subprocess.run([venn, *arguments, "--json"], check=True, stdout=subprocess.PIPE)
    result = json.loads(done.stdout)
    print(f"        {result['seeds']} seeds, {result['seconds']:.1f} s")
    return result["points"], result["seconds"]


def gains(points):
    return [point["gain"]["mean"] for point in points]


def mean(point, model):
    return point["accuracy"][model]["mean"]


def listed(values):
    return " ".join(f"{value:+.2f}" for value in values)


def rising(values):
    return all(b > a for a, b in zip(values, values[1:]))


def mfh_gamma(venn):
    points, seconds = run(venn, "mfh", "gaussian", "--sweep", "gamma")
    gain = gains(points)
    target(rising(gain), f"the gain rises with gamma: {listed(gain)}")
    target(-2.2 <= gain[0] <= -0.9, f"gain at gamma 0 within [-2.2, -0.9]: {gain[0]:+.2f}")
    target(1.6 <= gain[-1] <= 2.8, f"gain at gamma 1 within [1.6, 2.8]: {gain[-1]:+.2f}")
    crossing = next((a["gamma"] - a["gain"]["mean"] * (b["gamma"] - a["gamma"]) /
                     (b["gain"]["mean"] - a["gain"]["mean"])
                     for a, b in zip(points, points[1:])
                     if a["gain"]["mean"] <= 0 < b["gain"]["mean"]), float("nan"))
    target(0.25 <= crossing <= 0.43, f"no gain at gamma within [0.25, 0.43]: {crossing:.3f}")
    target(seconds <= 60, f"takes at most 60 s: {seconds:.1f}")


def mfh_alpha(venn):
    points, _ = run(venn, "mfh", "gaussian", "--sweep", "alpha")
    gain = gains(points)
    teacher = [mean(point, "teacher") for point in points]
    target(rising(gain[::-1]), f"the gain falls with alpha: {listed(gain)}")
    target(abs(teacher[0] - 58) <= 1.5 and abs(teacher[-1] - 89.5) <= 1.5 and rising(teacher),
           f"the teacher climbs from 58 to 89.5 (+-1.5): {teacher[0]:.1f} to {teacher[-1]:.1f}")
    target(abs(gain[0] - 1.3) <= 0.5 and abs(gain[-1] - 0.1) <= 0.4,
           f"from about 1.3 to about 0.1: {gain[0]:+.2f} to {gain[-1]:+.2f}")


def mfh_table2(venn):
    points, _ = run(venn, "mfh", "gaussian", "--sweep", "table2")
    for p in points:
        at = f"gamma {p['gamma']:.2f}: "
        truth, ranked = mean(p, "truth distilled"), mean(p, "ranked distilled")
        worse = mean(p, "teacher") - mean(p, "ranked teacher")
        target(10 <= worse <= 25, f"{at}the general teacher is 10 to 25 points worse: {worse:.1f}")
        better = truth - mean(p, "distilled")
        target(better >= 1.0, f"{at}its student is at least 1 point better: {better:+.2f}")
        target(abs(ranked - truth) <= 0.6,
               f"{at}Algorithm 1's student is within 0.6 of the true columns': {ranked - truth:+.2f}")
        random = mean(p, "random distilled") - mean(p, "student")
        target(abs(random) <= 0.6, f"{at}columns at random gain nothing (0.6): {random:+.2f}")
        hits = p["shared_found"]["mean"]
        target(hits >= 80, f"{at}Algorithm 1 finds 80 % of the shared columns: {hits:.1f}")


def mfh_avd(venn):
    points, _ = run(venn, "mfh", "avd")
    gain = gains(points)
    target(gain[-1] - gain[0] >= 2.5,
           f"gain at gamma 1 minus gain at gamma 0 at least 2.5: {gain[-1] - gain[0]:.2f}")
    print(f"        teachers at gamma 0 and 1: {mean(points[0], 'teacher'):.1f}, "
          f"{mean(points[-1], 'teacher'):.1f}")
    points, _ = run(venn, "mfh", "avd", "--network", "cnn")
    gain = gains(points)
    target(gain[-1] - gain[0] >= 2.5,
           f"the same with convolutions: {gain[-1] - gain[0]:.2f} ({listed(gain)})")


EXPERIMENTS = {"mfh-gamma": mfh_gamma, "mfh-alpha": mfh_alpha, "mfh-table2": mfh_table2,
               "mfh-avd": mfh_avd}


class Science:
    """What an experiment on a method may use."""

    def __init__(self, venn):
        self.venn = venn
        self.target = target

    def distill(self, name, changes=None):
        """Runs the example of a method (assets/methods), with texts in it replaced; its summary.json."""
        root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
        with open(os.path.join(root, "assets/methods", name + ".yaml"), encoding="utf-8") as file:
            text = file.read()
        for old, new in (changes or {}).items():
            if old not in text:
                sys.exit(f"science.py: the example of {name} has no \"{old}\" to change")
            text = text.replace(old, new)
        with tempfile.TemporaryDirectory() as folder:
            config = os.path.join(folder, "config.yaml")
            with open(config, "w", encoding="utf-8") as file:
                file.write(text)
            done = subprocess.run([self.venn, "distill", config, "--json", "-q", "-o",
                                   os.path.join(folder, "run")], check=True,
                                  stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    @staticmethod
    def stage(summary, name):
        return next(stage for stage in summary["stages"] if stage["stage"] == name)

    def score(self, summary, stage):
        """Mean test score over the seeds, in percent."""
        return 100 * self.stage(summary, stage)["mean"]

    def measures(self, summary):
        """Means over the seeds of what the method measured besides, times 100."""
        return {m["name"]: 100 * m["mean"] for m in self.stage(summary, "distilled")["measures"]}


def add_methods():
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "science")
    for path in sorted(glob.glob(os.path.join(folder, "*.py"))):
        name = os.path.splitext(os.path.basename(path))[0]
        spec = importlib.util.spec_from_file_location("science_" + name, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        EXPERIMENTS[name] = lambda venn, module=module: module.run(Science(venn))


def main():
    add_methods()
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    venn, names = sys.argv[1], sys.argv[2:] or list(EXPERIMENTS)
    unknown = [name for name in names if name not in EXPERIMENTS]
    if unknown:
        sys.exit(f"science.py: there is no {unknown[0]}; there is: {' '.join(EXPERIMENTS)}")
    for name in names:
        EXPERIMENTS[name](venn)
    print(f"{sum(TARGETS)} targets met, {len(TARGETS) - sum(TARGETS)} missed")
    sys.exit(0 if all(TARGETS) else 1)


if __name__ == "__main__":
    main()
