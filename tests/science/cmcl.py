"""Continual contrastive learning of four pairs of modalities: 6 data sets, with projection and without."""


def run(science):
    sums = {}
    for number in range(6):
        for name, change in (("dns", ""), ("vanilla", "  projection: false\n")):
            summary = science.distill("cmcl", {"seed=0": f"seed={number}",
                                               "  pairs": change + "  pairs"})
            figures = science.measures(summary)
            figures["recall"] = science.score(summary, "distilled")
            for key, value in figures.items():
                sums[name, key] = sums.get((name, key), 0) + value / 6
    print("        " + ", ".join(f"{name} {key} {value:.2f}"
                                 for (name, key), value in sums.items()))
    ratio = sums["vanilla", "drift"] / sums["dns", "drift"]
    science.target(ratio >= 10, f"old scores drift a tenth as much: {ratio:.1f} times less")
    bwt = sums["dns", "bwt"], sums["vanilla", "bwt"]
    science.target(abs(bwt[0]) <= 5 and bwt[1] <= -10,
                   f"backward transfer within 5 points of 0, without projection below -10: "
                   f"{bwt[0]:+.1f} and {bwt[1]:+.1f}")
    gain = sums["dns", "recall"] - sums["vanilla", "recall"]
    science.target(gain >= 0, f"recall at the end is not lower: {gain:+.1f}")
