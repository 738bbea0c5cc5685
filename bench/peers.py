#!/usr/bin/env python3
"""venn beside its peers on the CPU, in the same run: the rows of goals.py as a table, or as JSON.

venn and the peer take turns, round by round, so that whatever else the machine does hits both; what is
said of a row is the median over all rounds. Where the machine is busy wall time says little, so CPU time
stands beside it: "by CPU" is what the ratio would be if venn had all cores for itself, and its memory-bound
kernels all memory. Peers are OpenBLAS
and memcpy in one thread, PyTorch in as many as there are cores; a peer that is not there leaves its
columns empty.

usage: bench/peers.py VENN_PROGRAM [--only TEXT] [--rounds N] [--samples N] [--json] [-o FILE]
"""
import argparse
import ctypes
import ctypes.util
import json
import os
import statistics
import subprocess
import time

from goals import GOALS

CORES = len(os.sched_getaffinity(0))
# OpenBLAS's and OpenMP's workers spin for a while after a call and would take a core from venn.
WORKERS_SPIN_S = 0.08


# ---- Peers: each has sample(n), the wall and CPU microseconds of n runs --------------------------------

class Peer:
    title, threads = "", 1

    def run(self):
        raise NotImplementedError

    def sample(self, n):
        times = []
        for _ in range(n):
            cpu, wall = time.process_time(), time.perf_counter()
            self.run()
            times.append(((time.perf_counter() - wall) * 1e6, (time.process_time() - cpu) * 1e6))
        if self.threads > 1:
            time.sleep(WORKERS_SPIN_S)
        return times


def openblas():
    for name in ("libopenblas.so.0", ctypes.util.find_library("openblas")):
        try:
            library = ctypes.CDLL(name)
            library.openblas_set_num_threads(1)
            return library
        except (OSError, AttributeError, TypeError):
            pass
    return None


class Gemm(Peer):
    title = "OpenBLAS, 1 thread"
    library = None

    def __init__(self, m, n, k):
        self.shape = m, n, k
        self.a, self.b, self.c = ((ctypes.c_float * size)() for size in (m * k, k * n, m * n))
        for operand in (self.a, self.b):
            operand[:] = [i % 251 / 251 - 0.5 for i in range(len(operand))]
        Gemm.library = Gemm.library or openblas()
        if Gemm.library is None:
            raise LookupError("no OpenBLAS")
        self.run()

    def run(self):
        m, n, k = self.shape
        row_major, plain = 101, 111
        Gemm.library.openblas_set_num_threads(1)
        Gemm.library.cblas_sgemm(row_major, plain, plain, m, n, k, ctypes.c_float(1), self.a, k, self.b, n,
                                 ctypes.c_float(0), self.c, n)


class Memcpy(Peer):
    title = "memcpy, 1 thread"
    size = 4 * 4096 * 1024

    def __init__(self):
        self.source, self.target = (ctypes.create_string_buffer(b"\1" * Memcpy.size) for _ in range(2))
        self.run()

    def run(self):
        ctypes.memmove(self.target, self.source, Memcpy.size)


def network(nn, name):
    if name == "lenet":
        return nn.Sequential(
            nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(3136, 1024), nn.ReLU(), nn.Linear(1024, 10)), (64, 1, 28, 28)
    return nn.Sequential(
        nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(),
        nn.Linear(512, 10)), (64, 784)


class TorchStep(Peer):
    threads = CORES

    def __init__(self, name):
        try:
            import torch
        except ImportError as error:
            raise LookupError("no PyTorch") from error
        self.torch = torch
        self.title = f"PyTorch {torch.__version__}, {CORES} threads"
        torch.manual_seed(1)
        self.use_cores()
        self.net, shape = network(torch.nn, name)
        self.x = torch.randn(shape)
        self.labels = torch.arange(64) % 10
        self.teacher = torch.log_softmax(torch.randn(64, 10) / 4, dim=1)
        self.optimizer = torch.optim.Adam(self.net.parameters())
        self.sample(5)

    def use_cores(self):
        self.torch.set_num_threads(CORES)
        library = openblas()
        if library is not None:
            library.openblas_set_num_threads(CORES)

    def sample(self, n):
        self.use_cores()
        return super().sample(n)

    def run(self):
        functional = self.torch.nn.functional
        self.optimizer.zero_grad(set_to_none=True)
        z = self.net(self.x)
        kl = functional.kl_div(self.torch.log_softmax(z / 4, dim=1), self.teacher,
                               reduction="batchmean", log_target=True)
        loss = functional.cross_entropy(z, self.labels) + 16 * kl
        loss.backward()
        self.optimizer.step()
        return loss.item()


def peer_of(goal):
    kind, *arguments = goal.peer
    makers = {"gemm": Gemm, "memcpy": Memcpy, "torch": TorchStep,
              "scaled": lambda step, whose, times: TorchStep(step)}
    if kind not in makers:
        return None, ""
    try:
        peer = makers[kind](*arguments)
        return peer, peer.title
    except LookupError as error:
        return None, str(error)


# ---- venn ---------------------------------------------------------------------------------------------

class Venn:
    """One work of `venn bench --work --paced`, whose process waits between its turns."""

    def __init__(self, program, goal, samples):
        command = [program, "bench", "--work", goal.work, "--samples", str(samples), "--paced", "-q"]
        if goal.part:
            command += ["--part", goal.part]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.dispatches = 0

    def sample(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(self.process.stderr.read().strip() or "venn ended")
        row = json.loads(line)
        self.dispatches = row["dispatches"]
        # Of a kernel, not what surrounds it; a step is all that a user waits for.
        clock = row["device_us"] if row["device_us"][0] > 0 else row["wall_us"]
        return list(zip(clock, row["cpu_us"]))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def peaks(program, best):
    command = [program, "bench", "--peaks", "--json", "-q"]
    now = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    for key in ("copy_gbs", "fma_gflops"):
        best[key] = max(best.get(key, 0), now[key])
    for key in ("dispatch_us", "submit_us"):
        best[key] = min(best.get(key, now[key]), now[key])
    best["device"] = now["device"]


# ---- Rows ---------------------------------------------------------------------------------------------

def medians(times):
    return tuple(statistics.median(column) for column in zip(*times))


def rate(goal, microseconds):
    return goal.amount / microseconds * 1e-3 if goal.amount else None


def ratio_of(goal, peer, ours, theirs):
    """Ratios by wall and by CPU time; None without a peer."""
    kind = goal.peer[0]
    if kind == "quoted":  # GFLOP/s
        return tuple(rate(goal, us) / goal.peer[2] for us in (ours[0], ours[1] / CORES))
    if peer is None:
        return None, None
    amount = 2 * Memcpy.size if kind == "memcpy" else goal.amount
    same_work = goal.peer[3] if kind == "scaled" else goal.amount / amount if goal.amount else 1
    cores = CORES / peer.threads
    return theirs[0] / ours[0] * same_work, theirs[1] / ours[1] * cores * same_work


def measure(program, goal, rounds, samples):
    peer, title = peer_of(goal)
    venn = Venn(program, goal, samples)
    mine, other = [], []
    for _ in range(rounds):
        mine += venn.sample()
        if peer:
            other += peer.sample(samples)
    venn.close()
    ours, theirs = medians(mine), medians(other) if other else None
    wall, cpu = ratio_of(goal, peer, ours, theirs)
    if goal.peer[0] == "quoted":
        title = f"{goal.peer[1]}, of another run"
    elif goal.peer[0] == "scaled":
        title = f"{goal.peer[2]}, {goal.peer[3]:.0f} times PyTorch's in another run"
    return {"row": goal.name, "wall_us": ours[0], "cpu_us": ours[1], "rate": rate(goal, ours[0]),
            "unit": goal.unit, "peer": title, "peer_wall_us": theirs and theirs[0],
            "peer_cpu_us": theirs and theirs[1], "ratio": wall, "ratio_by_cpu": cpu, "floor": goal.floor,
            "aim": goal.aim, "dispatches": venn.dispatches, "met": verdict(goal, wall, cpu)}


def verdict(goal, wall, cpu):
    if wall is None:
        return "no peer"
    for name, ratio in (("", wall), (" by CPU", cpu or 0)):
        if ratio >= goal.aim:
            return "aim" + name
        if ratio >= goal.floor:
            return "floor" + name
    return "missed"


def number(value, form):
    return "" if value is None else form.format(value)


def print_table(result):
    best = result["peaks"]
    print(f"{best['device']}, {CORES} cores, load {result['load'][0]:.1f} before and "
          f"{result['load'][1]:.1f} after; copy {best['copy_gbs']:.1f} GB/s, multiply-add "
          f"{best['fma_gflops']:.0f} GFLOP/s,\ndispatch {best['dispatch_us']:.1f} us, submission "
          f"{best['submit_us']:.0f} us. Medians of {result['samples']}; ratios: the peer's time / venn's.")
    head = ("work", "ms", "CPU ms", "rate", "of peak", "ratio", "by CPU", "floor", "aim", "reached", "peer")
    form = "{:42} {:>9} {:>9} {:>14} {:>8} {:>7} {:>7} {:>6} {:>6}  {:12} {}"
    print(form.format(*head))
    for row in result["rows"]:
        print(form.format(
            row["row"], f"{row['wall_us'] / 1e3:.3f}", f"{row['cpu_us'] / 1e3:.3f}",
            number(row["rate"], "{:.1f} " + row["unit"]), number(row["share"], "{:.0%}"),
            number(row["ratio"], "{:.2f}"), number(row["ratio_by_cpu"], "{:.2f}"), row["floor"], row["aim"],
            row["met"], row["peer"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--only", default="", help="rows whose names hold this text")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--samples", type=int, default=5, help="of each round")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("-o", "--output", help="write the JSON here as well")
    options = parser.parse_args()
    wanted = [goal for goal in GOALS if options.only in goal.name]
    if not wanted:
        raise SystemExit(f"no row's name holds \"{options.only}\"")
    result = {"load": [os.getloadavg()[0]], "samples": options.rounds * options.samples, "rows": []}
    best = result["peaks"] = {}
    for i, goal in enumerate(wanted):
        if i % 8 == 0:  # the best of several moments: a busy machine hides them
            peaks(options.program, best)
        result["rows"].append(measure(options.program, goal, options.rounds, options.samples))
    result["load"].append(os.getloadavg()[0])
    for row in result["rows"]:
        peak = {"GFLOP/s": best["fma_gflops"], "GB/s": best["copy_gbs"]}.get(row["unit"])
        row["share"] = row["rate"] / peak if peak else None
    text = json.dumps(result, indent=2)
    if options.output:
        with open(options.output, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    if options.json:
        print(text)
    else:
        print_table(result)


if __name__ == "__main__":
    main()
