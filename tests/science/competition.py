"""Modality competition on sparse codes: 6 data sets, looked at after 500 and 1,000 steps."""

CLASSES = 10


def pooled(science, epochs):
    learned = monopolised = 0
    for seed in range(6):
        summary = science.distill("competition", {
            "seed=0": f"seed={seed}", "seeds: 3": f"seeds: 1\nfirst_seed: {seed}",
            "epochs: 10": f"epochs: {epochs}", "copies: 4": "copies: 4\n  controls: false"})
        figures = science.measures(summary)
        classes = figures["learned"] / 100 * CLASSES
        learned += classes
        monopolised += figures["monopolised"] / 100 * classes
    return 100 * monopolised / learned, monopolised, learned


def alone(science):
    better = []
    for seed in range(2):
        summary = science.distill("competition", {
            "seed=0": f"seed={seed}", "seeds: 3": f"seeds: 1\nfirst_seed: {seed}",
            "epochs: 10": "epochs: 20"})
        figures = science.measures(summary)
        joint = science.score(summary, "distilled")
        first, second = figures["first_alone_accuracy"], figures["second_alone_accuracy"]
        print(f"        2,000 steps, data set {seed}: test error {100 - joint:.1f} of both, "
              f"{100 - first:.1f} and {100 - second:.1f} alone")
        better.append(joint > max(first, second))
    science.target(all(better), "at this size both together still beat either alone")


def run(science):
    for epochs, least in ((5, 80), (10, 60)):
        share, monopolised, learned = pooled(science, epochs)
        science.target(share >= least,
                       f"{100 * epochs} steps: at least {least} % of the learned classes are one "
                       f"modality's: {share:.0f} % ({monopolised:.0f} of {learned:.0f})")
    alone(science)
