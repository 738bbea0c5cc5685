"""Crossmodal reverse distillation on computed objects, 3 seeds, against students that do not help each other."""


def run(science):
    figures = {}
    for name, lines in (("crd", ""), ("alone", "  filter: false\n  amplifier: false\n")):
        summary = science.distill("crd", {"  name: crd\n": "  name: crd\n" + lines})
        figures[name] = science.measures(summary)
        figures[name]["auroc"] = science.score(summary, "distilled")
        print(f"        {name}: " + ", ".join(f"{key} {value:.1f}"
                                               for key, value in figures[name].items()))
    both, colours = figures["crd"]["kind_2_auroc"], figures["alone"]["kind_2_first_auroc"]
    science.target(both >= colours + 20,
                   f"dents are found better than by colours alone, by 20 points: {both:.1f} and "
                   f"{colours:.1f}")
    stains = figures["crd"]["kind_1_auroc"]
    science.target(stains >= 70, f"stains are found: {stains:.1f}")
