"""Multimodal knowledge expansion on two moons, 20 data sets."""


def run(science):
    sums = {}
    for number in range(20):
        summary = science.distill("mke", {"moons,seed=1": f"moons,seed={number}",
                                          "seeds: 3": f"seeds: 1\nfirst_seed: {number}"})
        figures = science.measures(summary)
        figures["student"] = science.score(summary, "distilled")
        for name, value in figures.items():
            sums[name] = sums.get(name, 0) + value / 20
    print("        " + ", ".join(f"{name} {value:.1f}" for name, value in sums.items()))
    gain = sums["student"] - sums["unimodal_accuracy"]
    science.target(gain >= 3, f"both coordinates beat one by 3 points: {gain:+.2f}")
    gain = sums["student"] - sums["plain_accuracy"]
    science.target(gain >= 2.5, f"noise beats none by 2.5 points: {gain:+.2f}")
    gain = sums["student"] - sums["teacher_accuracy"]
    science.target(gain > 0, f"the student beats its teacher: {gain:+.2f}")
