"""The criterion on Gaussian data: 11 teachers, 6 data sets each, lambda 0.5."""
import math

OWN, SETS = 0.3, 6
TEACHERS = {0.3: (0, 0.25, 0.5, 0.7, 1), 0.5: (0.5, 0.7, 0.85), 0.7: (0.7, 0.85, 1)}


def exact_gap(said, kappa):
    shared = min(kappa * kappa * OWN / said, 1 - 1e-6)
    return 0.5 * math.log((1 - OWN) / (1 - shared))


def measured(science, said, kappa):
    gap = gain = 0
    for seed in range(SETS):
        summary = science.distill("cch", {
            "seed=0,said=0.3,kappa=0.7": f"seed={seed},said={said},kappa={kappa}",
            "seeds: 3": f"seeds: 1\nfirst_seed: {seed}"})
        figures = science.measures(summary)
        gap += figures["gap"] / 100 / SETS
        gain += figures["gain"] / 100 / SETS
    print(f"        said {said}, kappa {kappa}: gap {exact_gap(said, kappa):+.3f} exact, "
          f"{gap:+.3f} measured, gain {gain:+.3f}")
    return gap, gain


def ranks(values):
    return [sorted(values).index(value) for value in values]


def spearman(a, b):
    n = len(a)
    squares = sum((x - y) ** 2 for x, y in zip(ranks(a), ranks(b)))
    return 1 - 6 * squares / (n * (n * n - 1))


def run(science):
    helped = []
    for said, kappas in TEACHERS.items():
        exact = [exact_gap(said, kappa) for kappa in kappas]
        gaps, gains = zip(*(measured(science, said, kappa) for kappa in kappas))
        helped += [gain > 0 for gap, gain in zip(exact, gains) if gap > 0]
        rank = spearman(exact, gains)
        science.target(rank > 0.9, f"said {said}: rank correlation of gap and gain above 0.9: {rank:.2f}")
        rank = spearman(gaps, gains)
        science.target(rank > 0.9, f"said {said}: the same of the measured gap: {rank:.2f}")
        flips = [gain > 0 for kappa, gain in zip(kappas, gains) if kappa >= said + 0.15]
        science.target(all(flips), f"said {said}: gains wherever kappa is 0.15 above what is said")
    science.target(all(helped), f"the student gains for every positive gap ({len(helped)})")
