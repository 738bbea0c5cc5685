"""Alternating unimodal adaptation against joint training with two kinds of fusion, 5 seeds."""


def run(science):
    summary = science.distill("mla")
    figures = science.measures(summary)
    concat = science.measures(science.distill("ogm-ge", {"alpha: 0.3": "alpha: 0\n  noise: false"}))
    unprojected = science.measures(science.distill("mla", {"controls: true": "projection: false"}))
    print(f"        fused {science.score(summary, 'distilled'):.1f}, joint "
          f"{figures['joint_accuracy']:.1f}; image and sound alone "
          f"{figures['first_alone_accuracy']:.1f} {figures['second_alone_accuracy']:.1f}, joint "
          f"{figures['joint_first_alone_accuracy']:.1f} "
          f"{figures['joint_second_alone_accuracy']:.1f}, without projection "
          f"{unprojected['first_alone_accuracy']:.1f} {unprojected['second_alone_accuracy']:.1f}")
    gain = figures["first_alone_accuracy"] - figures["joint_first_alone_accuracy"]
    science.target(gain >= 5, f"the weak modality gains 5 points on joint training: {gain:+.1f}")
    gain = figures["first_alone_accuracy"] - concat["first_alone_accuracy"]
    science.target(gain >= 5, f"and on joint training with concatenation: {gain:+.1f}")
    gain = figures["first_alone_accuracy"] - unprojected["first_alone_accuracy"]
    science.target(gain >= 1, f"the projection is worth a point of it: {gain:+.1f}")
