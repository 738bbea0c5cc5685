"""Ranking loss on 3 sets of contexts: overlaps of the likeliest classes, with the loss and without."""

NAMES = ("cr1", "cr2", "cr3", "cr5", "mor3", "mor5", "mor10")


def means(science, k):
    sums = {}
    for seed in range(3):
        summary = science.distill("rlkd", {"seed=0": f"seed={seed}", "k: 5": f"k: {k}",
                                           "seeds: 3": f"seeds: 1\nfirst_seed: {seed}"})
        for name, value in science.measures(summary).items():
            sums[name] = sums.get(name, 0) + value / 3
    for prefix, title in (("plain_", "without ranks"), ("", f"k = {k}")):
        print(f"        {title}: " + ", ".join(f"{n} {sums[prefix + n]:.1f}" for n in NAMES))
    return {name: sums[name] - sums["plain_" + name] for name in NAMES}


def run(science):
    gain = means(science, 5)
    for name in ("cr2", "cr3", "mor3", "mor5"):
        science.target(gain[name] >= 4, f"k = 5 adds at least 4 points to {name}: {gain[name]:+.1f}")
    science.target(gain["cr1"] >= 0, f"and takes nothing of cr1: {gain['cr1']:+.1f}")
    gain = means(science, 15)
    science.target(gain["mor10"] > 0, f"k = 15 adds to mor10: {gain['mor10']:+.1f}")
