"""Modality-informed distillation: single head, several heads, several heads with teachers; 3 seeds."""


def run(science):
    summary = science.distill("mind")
    figures = science.measures(summary)
    heads = science.distill("mind", {"alpha: 0.1": "alpha: 1", "controls: true": "controls: false"})
    single, multi, mind = (science.score(summary, "student"), science.score(heads, "distilled"),
                           science.score(summary, "distilled"))
    print("        " + ", ".join(f"{name} {value:.1f}" for name, value in figures.items()))
    science.target(mind - single >= 0.5, f"half a point above a single head: {mind - single:+.2f}")
    science.target(mind >= multi - 0.3,
                   f"teachers do the fused head no harm: {mind:.2f} and {multi:.2f}")
    for name in ("first", "second"):
        gain = figures[name + "_alone_accuracy"] - figures[f"small_{name}_accuracy"]
        science.target(gain >= -1.5,
                       f"{name} head as good as a network of its own (1.5): {gain:+.2f}")
