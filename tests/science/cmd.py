"""Views of skeletons that teach each other without labels, against contrast alone: 3 seeds."""


def run(science):
    both = science.distill("cmd")
    alone = science.distill("cmd", {"  crop: 0.5": "  crop: 0.5\n  mutual: 0"})
    figures, apart = science.measures(both), science.measures(alone)
    for title, measured in (("mutual", figures), ("contrast alone", apart)):
        print(f"        {title}: " + ", ".join(f"{k} {v:.1f}" for k, v in measured.items()))
    gain = figures["mean_probe"] - figures["untrained_probe"]
    science.target(gain >= 15, f"a probe finds 15 points more than in random encoders: {gain:+.1f}")
    fall = figures["mutual_least"] / figures["mutual_first"]
    science.target(fall <= 0.6, f"the divergences fall to 0.6 of the first epoch's: {fall:.2f}")
    ratio = figures["mutual_last"] / apart["mutual_last"]
    science.target(ratio <= 0.7, f"and end at 0.7 of those by contrast alone, at most: {ratio:.2f}")
