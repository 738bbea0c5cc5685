"""Channel exchanging on computed scenes, 3 seeds, against its competitors."""

PLAIN = "  name: cen\n  lambda: 0.005"


def run(science):
    summary = science.distill("cen")
    figures = science.measures(summary)
    print("        " + ", ".join(f"{name} {value:.1f}" for name, value in figures.items()))
    for side in ("first", "second"):
        share = figures[side + "_below"]
        science.target(0 < share <= 50,
                       f"of the {side} modality's scales some vanish, at most half: {share:.1f} %")
    exchange = science.score(summary, "distilled")
    average = science.score(science.distill("cen", {
        PLAIN: "  name: cen\n  lambda: 0\n  exchange: false"}), "distilled")
    shared = science.score(science.distill("cen", {
        ", sets: 2": "", PLAIN: PLAIN + "\n  private_norms: false"}), "distilled")
    alone = [science.score(science.distill("cen", {
        PLAIN: f"  name: cen\n  inputs: {side}"}), "distilled") for side in ("first", "second")]
    science.target(exchange > average,
                   f"mIoU by exchange {exchange:.1f} is above the average of two, {average:.1f}")
    science.target(average > max(alone) + 10,
                   f"which is far above one modality alone, {alone[0]:.1f} and {alone[1]:.1f}")
    science.target(shared < average - 10, f"and above exchange with shared norms, {shared:.1f}")
