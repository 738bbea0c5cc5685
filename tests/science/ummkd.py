"""Segmentation of two unpaired looks by one network, against other ways of sharing: 3 seeds."""


def run(science):
    own = science.distill("ummkd")
    ways = {"without distillation": {"sharing: kernels": "kd_weight: 0"},
            "one network": {"sharing: kernels": "sharing: all\n  kd_weight: 0"},
            "two networks": {"sharing: kernels": "sharing: nothing\n  kd_weight: 0"}}
    others = {title: science.distill("ummkd", changes) for title, changes in ways.items()}
    dice = science.score(own, "distilled")
    print(f"        Dice {dice:.1f}; " + ", ".join(
        f"{title} {science.score(other, 'distilled'):.1f}" for title, other in others.items()))
    shared = science.score(others["one network"], "distilled")
    science.target(dice >= shared + 30,
                   f"private batch norms are at least 30 points above shared ones: {dice - shared:.1f}")
    last = science.measures(own)["kd_last"]
    free = science.measures(others["without distillation"])["kd_last"]
    science.target(last <= 0.5 * free, f"kd ends at half of what it is without: {last / free:.2f}")
    fall = last / science.measures(own)["kd_first"]
    science.target(fall <= 0.6, f"and at 0.6 of its first epoch's: {fall:.2f}")
