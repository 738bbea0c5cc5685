#!/usr/bin/env python3
"""One distilling training step of venn beside PyTorch's on the CPU, in the same run.

The two take turns, round by round, so that whatever else the machine does hits both. Networks, batch
and loss are those of `venn bench` (include/venn/bench.h); PyTorch uses as many threads as the machine
has cores. Prints medians over all rounds and their ratio.

usage: bench/peers.py VENN_PROGRAM [--rounds N] [--samples N] [--json]
"""
import argparse
import json
import os
import statistics
import subprocess
import time

import torch
from torch import nn


def network(name):
    if name == "lenet":
        return nn.Sequential(
            nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(3136, 1024), nn.ReLU(), nn.Linear(1024, 10)), (64, 1, 28, 28)
    return nn.Sequential(
        nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(),
        nn.Linear(512, 10)), (64, 784)


class TorchStep:
    def __init__(self, name):
        torch.manual_seed(1)
        self.net, shape = network(name)
        self.x = torch.randn(shape)
        self.labels = torch.arange(64) % 10
        self.teacher = torch.log_softmax(torch.randn(64, 10) / 4, dim=1)
        self.optimizer = torch.optim.Adam(self.net.parameters())
        self.sample(5)

    def run(self):
        self.optimizer.zero_grad(set_to_none=True)
        z = self.net(self.x)
        kl = nn.functional.kl_div(torch.log_softmax(z / 4, dim=1), self.teacher,
                                  reduction="batchmean", log_target=True)
        loss = nn.functional.cross_entropy(z, self.labels) + 16 * kl
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def sample(self, n):
        times = []
        for _ in range(n):
            start = time.perf_counter()
            self.run()
            times.append((time.perf_counter() - start) * 1e6)
        return times


def venn_sample(program, name, n):
    command = [program, "bench", "--step", name, "--samples", str(n), "--json", "-q"]
    row = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)[0]
    return row["samples_us"], row["dispatches"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--samples", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(os.cpu_count())
    rows = []
    for name in ("lenet", "mlp"):
        step, venn, peer, dispatches = TorchStep(name), [], [], 0
        for _ in range(options.rounds):
            times, dispatches = venn_sample(options.program, name, options.samples)
            venn += times
            peer += step.sample(options.samples)
        ours, theirs = statistics.median(venn), statistics.median(peer)
        rows.append({"step": name, "venn_us": ours, "torch_us": theirs, "ratio": theirs / ours,
                     "dispatches": dispatches, "torch": torch.__version__,
                     "threads": torch.get_num_threads()})
    if options.json:
        print(json.dumps(rows, indent=2))
        return
    print(f"one KD training step, batch 64, Adam; PyTorch {torch.__version__}, "
          f"{torch.get_num_threads()} threads; medians of {options.rounds * options.samples}")
    print(f"{'step':8} {'venn':>12} {'PyTorch':>12} {'speed of venn':>15} {'dispatches':>12}")
    for row in rows:
        print(f"{row['step']:8} {row['venn_us'] / 1e3:9.2f} ms {row['torch_us'] / 1e3:9.2f} ms "
              f"{row['ratio']:13.3f} x {row['dispatches']:12}")


if __name__ == "__main__":
    main()
