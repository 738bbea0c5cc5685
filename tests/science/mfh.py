"""The Modality Focusing Hypothesis by its method, 5 seeds: which of a teacher's features should teach."""


def run(science):
    taught, teacher = {}, {}
    for mode in ("general", "random", "specific", "all"):
        changes = {"mode: general": "mode: " + mode}
        if mode == "all":
            changes = {"method:\n  name: mfh": "method:\n  name: kd",
                       "  features: {mode: general, ratio: 0.6, semantics: drop}\n": ""}
        summary = science.distill("mfh", changes)
        taught[mode] = science.score(summary, "distilled")
        teacher[mode] = science.score(summary, "teacher")
        plain = science.score(summary, "student")
        print(f"        {mode}: teacher {teacher[mode]:.1f}, student {taught[mode]:.1f}, alone {plain:.1f}")
    worse = teacher["all"] - teacher["general"]
    science.target(10 <= worse <= 25, f"the general teacher is 10 to 25 points worse: {worse:.1f}")
    better = taught["general"] - taught["all"]
    science.target(better >= 1, f"and its student at least 1 point better: {better:+.2f}")
    science.target(taught["general"] > taught["random"] > taught["specific"],
                   "general, random, specific features teach in this order")
