"""Disentanglement without a teacher on unpaired digits: sounds with pictures, 3 seeds."""


def run(science):
    summary = science.distill("discom")
    figures = science.measures(summary)
    print("        " + ", ".join(f"{name} {value:.1f}" for name, value in figures.items()))
    science.target(figures["invariant_probe"] <= 70,
                   f"a linear probe tells the modality from s in at most 70 %: "
                   f"{figures['invariant_probe']:.1f}")
    science.target(figures["informative_probe"] >= 90,
                   f"and from i in at least 90 %: {figures['informative_probe']:.1f}")
    gain = science.score(summary, "distilled") - science.score(summary, "student")
    science.target(gain >= 0, f"sounds are classified no worse than alone: {gain:+.2f}")
