"""Two peers on digits that learn from each other and from their earlier selves, and each part left out: 3 seeds."""

LEFT_OUT = {"full": {}, "without the other": {"  beta: 1": "  beta: 0"},
            "without the earlier self": {"  beta: 1": "  beta: 1\n  gamma: 0"},
            "without answers": {"  beta: 1": "  beta: 1\n  beta2: 0"},
            "without angles": {"  beta: 1": "  beta: 1\n  beta1: 0"}}


def run(science):
    gain = {}
    for title, changes in LEFT_OUT.items():
        summary = science.distill("ctsl-mkt", changes)
        figures = science.measures(summary)
        gain[title] = science.score(summary, "distilled") - science.score(summary, "student")
        print(f"        {title}: {gain[title]:+.2f} points, peer {figures['peer_accuracy']:.1f}, "
              f"agreement {figures['agreement']:.1f}")
    science.target(gain["full"] >= 0.3, f"both together gain on labels alone: {gain['full']:+.2f}")
    best = max(value for title, value in gain.items() if title != "full")
    print(f"        not a target: full is at least each part, {gain['full']:+.2f} and {best:+.2f}")
