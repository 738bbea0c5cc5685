"""Continual learning of digits, two at a time: nothing, replay, samm, all at once; 3 seeds."""

PLAIN = "\n  alone: 0\n  consistency: 0\n  dynamic: false"


def run(science):
    samm = science.distill("samm")
    replay = science.distill("samm", {"buffer: 100": "buffer: 100" + PLAIN})
    nothing = science.distill("samm", {"buffer: 100": "buffer: 0" + PLAIN})
    joint = science.score(samm, "student")
    mine, er, sgd = (science.score(each, "distilled") for each in (samm, replay, nothing))
    print(f"        all at once {joint:.1f}, samm {mine:.1f}, replay {er:.1f}, nothing {sgd:.1f}")
    science.target(er - sgd >= 20, f"replay beats nothing by 20 points: {er - sgd:+.1f}")
    science.target(joint - er > 0, f"all at once is best: {joint - er:+.1f}")
    science.target(mine - er >= -2, f"samm is not below replay by more than 2: {mine - er:+.1f}")
