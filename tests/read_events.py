#!/usr/bin/env python3
"""Reads a job's event files back with the tensorboard package and holds them against its metrics.jsonl.

usage: read_events.py PROGRAM    (an interpreter that has tensorboard; the device as the environment says)
"""
import json
import os
import subprocess
import sys
import tempfile

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

TAGS = {"loss/train": "loss", "loss/valid": "valid_loss", "accuracy/train": "train_accuracy",
        "accuracy/valid": "valid_accuracy", "lr": "lr"}


def curve(folder, tag):
    events = EventAccumulator(folder)
    events.Reload()
    return events.Tags()["scalars"], [(e.step, e.value) for e in events.Scalars(tag)]


def main():
    program = os.path.abspath(sys.argv[1])
    points = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        subprocess.run([program, "distill", "digits-kd", "--seeds", "2", "--epochs", "3", "--limit", "300",
                        "-o", "run", "--tensorboard", "events"], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        with open("run/metrics.jsonl", encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        runs = sorted({f"{line['stage']}-{line['seed']}" for line in lines})
        assert sorted(os.listdir("events")) == runs, (os.listdir("events"), runs)
        for run in runs:
            own = [line for line in lines if f"{line['stage']}-{line['seed']}" == run]
            tags = {**TAGS, **{f"terms/{key}": key for key in own[0] if key in ("ce", "kd")}}
            for tag, key in tags.items():
                names, got = curve(os.path.join("events", run), tag)
                assert sorted(names) == sorted(tags), (run, names)
                assert [step for step, _ in got] == [line["step"] for line in own], (run, tag, got)
                for (_, value), line in zip(got, own):
                    assert abs(value - line[key]) <= 1e-6 * max(1, abs(line[key])), (run, tag, value, line)
                    points += 1
    print(f"tensorboard: {len(runs)} runs, {points} points read back")
    return 0 if points else 1


if __name__ == "__main__":
    sys.exit(main())
