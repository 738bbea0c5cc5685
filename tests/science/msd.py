"""Modality-specific distillation on the embedded digits: its student does better with a modality missing."""


def run(science):
    summary = science.distill("msd")
    figures = science.measures(summary)
    for name in ("first", "second"):
        mine, plain = figures[f"{name}_alone_accuracy"], figures[f"kd_{name}_alone_accuracy"]
        science.target(mine - plain >= 4,
                       f"{name} modality alone, 4 points above plain distillation: "
                       f"{mine:.1f} and {plain:.1f}")
    both = science.score(summary, "distilled") - figures["kd_accuracy"]
    science.target(both >= -1, f"with both it loses at most a point: {both:+.2f}")
