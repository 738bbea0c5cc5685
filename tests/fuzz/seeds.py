"""Inputs to begin with, and dictionaries, for each fuzz target: small sound files of every kind that its
reader knows, so that mutations start from structure. Everything is made here or taken from the tree."""
import base64
import glob
import json
import os
import re
import struct
import zlib

JPEG_GRAY = """
/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62r
Z4C8ybqmx5moq6T/wAALCAAJAAwBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABP/EABsQAAEEAwAAAAAAAAAAAAAAAAACAwQiMTJh/9oA
CAEBAAA/AAMwODEwK4EsDkan/9k="""
JPEG_PROGRESSIVE = """
/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////////////////////
////////////////2wBDAVVaWnhpeOuCguv/////////////////////////////////////////////////////////////////////
////wgARCAAJAAwDASIAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAAAv/EABUBAQEAAAAAAAAAAAAAAAAAAAAC/9oADAMBAAIQAxAA
AAEJKH//xAAWEAEBAQAAAAAAAAAAAAAAAAARABD/2gAIAQEAAQUCI3//xAAVEQEBAAAAAAAAAAAAAAAAAAABAP/aAAgBAwEBPwEb/8QA
FBEBAAAAAAAAAAAAAAAAAAAAAP/aAAgBAgEBPwF//8QAFBABAAAAAAAAAAAAAAAAAAAAIP/aAAgBAQAGPwIf/8QAFRABAQAAAAAAAAAA
AAAAAAAAARD/2gAIAQEAAT8hIE//2gAMAwEAAgADAAAAENv/xAAVEQEBAAAAAAAAAAAAAAAAAAAAAf/aAAgBAwEBPxC7/8QAFREBAQAA
AAAAAAAAAAAAAAAAABH/2gAIAQIBAT8Qr//EABgQAAIDAAAAAAAAAAAAAAAAAAABECEx/9oACAEBAAE/EBVYLD//2Q=="""
JPEG_COLOR = """
/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////////////////////
////////////////2wBDAVVaWnhpeOuCguv/////////////////////////////////////////////////////////////////////
////wAARCAAJAAwDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAwL/xAAZEAACAwEAAAAAAAAAAAAAAAAAAQIDITH/xAAVAQEB
AAAAAAAAAAAAAAAAAAAAA//EABcRAAMBAAAAAAAAAAAAAAAAAAABAhH/2gAMAwEAAhEDEQA/ACjUIqsLiKuEtEWz/9k="""
FLAC = """
ZkxhQwAAACIQABAAAAAfAAAfAfQC8AAAACCTuIsN1qyk+sgj+C/i+amfhAAAKCAAAAByZWZlcmVuY2UgbGliRkxBQyAxLjQuMiAyMDIy
MTAyMgAAAAD/+GSIAB+1F0AAABwBwAP////in/+f/ugB////+MRn"""


# Packed: arrays a, plain, and g/b, in chunks, shuffled, deflated and with checksums.
HDF5 = """
eNrtmM9LAkEUx9/MujpqkQqRRoEFQZdAys4paNilpCI6hPRrrciDpJH9A2L/RceOXfofugSdOvdvdLKdnTfiDllgh4reB/Q5M29nxt03
j/fdm1JhdTQyGQGJEBCAGPTTRcS0v63H99EytB20d1z3M28sif1xnN/0294sFqV310Cvkwko698d8V8oFfNlaXexrePpkfv9DtCeGHGZ
G3JdBkE1B9PteWW56sCwBAut2bbciJWeMaHH0t63DcLr51xNJPAfWcz9qSLet48Edkvnhx1+DlD/keewtb5RYMD1JiFtfe6vz2vL9j+P
Wxv+9YEelBfN+/JVXuzElRWUIoihY9HNQ5izAl5uAjfrAYQwrsLuRxYIUXmOK0f3V8DbYyNTfHakAOAs8L2J+ttLq9KoAwun7Lnx5eCs
m4hfeb59/XRGt5cgCIIgfr2u0uV42qjLDw09Vfp2zRH6pq5KepfGZ1aw9s1BNgrZLjr09JWlJoxC2WszHOfeOIPG6WW1WnN69TPD/mOn
WjtoOn3rqhvi+jaPTp2LpUVdd6Nu49ZzQk+ttik+1m2xT3RVT/xBi150DIXUS1Kfmnop9cV1GeF/r8AH+K0ZQosbcUk6jCAIgiAI4m/w
DplidL8="""


def safetensors():
    def file(header, data):
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        return struct.pack("<Q", len(text)) + text + data

    def entry(kind, shape, begin, end):
        return {"dtype": kind, "shape": shape, "data_offsets": [begin, end]}

    kinds = {"F32": 4, "F16": 2, "BF16": 2, "I32": 4, "U8": 1}
    for kind, size in kinds.items():
        yield file({"a": entry(kind, [2, 3], 0, 6 * size)}, bytes(6 * size))
    yield file({"__metadata__": {"format": "pt"}, "a": entry("F32", [], 0, 4),
                "b": entry("U8", [0], 4, 4), "c": entry("F16", [1, 1, 2], 4, 8)}, bytes(8))
    yield file({"__metadata__": {"xxh3": "0" * 32}, "a": entry("U8", [3], 0, 3)}, b"abc")
    yield file({}, b"")


def npy():
    for kind in ("<f4", ">f4", "<f8", "<f2", "<i4", "|u1", "<i8", "|b1", "<u2"):
        for order in ("True", "False"):
            size = int(kind[2]) * 6
            text = f"{{'descr': '{kind}', 'fortran_order': {order}, 'shape': (2, 3), }}".encode()
            text += b" " * (-(len(text) + 11) % 64) + b"\n"
            yield b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(size)
    text = b"{'descr': '<f4', 'fortran_order': False, 'shape': (), }\n"
    yield b"\x93NUMPY\x02\x00" + struct.pack("<I", len(text)) + text + bytes(4)


def idx():
    plain = []
    for code, size in ((8, 1), (9, 1), (11, 2), (12, 4), (13, 4), (14, 8)):
        plain.append(bytes([0, 0, code, 2]) + struct.pack(">II", 2, 3) + bytes(6 * size))
    plain.append(b"\0\0\x08\x01" + struct.pack(">I", 4) + b"abcd")
    yield from plain
    for data in plain + [b"\0\0\x08\x01" + struct.pack(">I", 600) + bytes(600)]:
        pack = zlib.compressobj(9, zlib.DEFLATED, 31)
        yield pack.compress(data) + pack.flush()


def mat5():
    def element(kind, data):
        return struct.pack("<II", kind, len(data)) + data + b"\0" * (-len(data) % 8)

    def matrix(name, kind, size, shape):
        count = shape[0] * shape[1]
        return element(14, element(6, struct.pack("<II", 6, 0)) + element(5, struct.pack("<ii", *shape)) +
                       element(1, name) + element(kind, bytes(count * size)))

    head = b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM"
    for kind, size in ((1, 1), (2, 1), (3, 2), (4, 2), (5, 4), (6, 4), (7, 4), (9, 8), (12, 8), (13, 8)):
        yield head + matrix(b"x", 9, 8, (1, 1)) + matrix(b"a", kind, size, (2, 3))
    data = zlib.compress(matrix(b"a", 9, 8, (5, 1)))
    yield head + struct.pack("<II", 15, len(data)) + data


def hdf5():
    yield zlib.decompress(base64.b64decode(HDF5))


def csv():
    yield b"a,b,c\n1,2,3\n4,,x\n"
    yield b'\xef\xbb\xbf"a","b ""q"" ",c\r\n1,"2\n3",4\r\n\r\n5,6,7'
    yield b"a\n-12\n2147483648\n"


def chunk(kind, data):
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def sound():
    for tag, channels, bits in ((1, 1, 8), (1, 2, 16), (1, 1, 24), (1, 2, 32), (3, 1, 32), (3, 1, 64),
                                (6, 1, 8), (7, 1, 8)):
        block = channels * bits // 8
        form = struct.pack("<HHIIHH", tag, channels, 8000, 8000 * block, block, bits)
        body = chunk(b"fmt ", form) + chunk(b"data", bytes(range(8 * block)))
        yield b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body
    form = struct.pack("<HHIIHHHHIIHH", 0xFFFE, 2, 8000, 32000, 4, 16, 22, 16, 3, 1, 0, 16)
    form += bytes.fromhex("800000aa00389b71")
    body = chunk(b"LIST", b"INFOabcd") + chunk(b"fmt ", form) + chunk(b"fact", bytes(4)) + \
        chunk(b"data", bytes(32))
    yield b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body
    yield base64.b64decode(FLAC)


def picture():
    def part(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    for color, channels in ((0, 1), (2, 3), (3, 1), (4, 2), (6, 4)):
        for bits in ((1, 2, 4, 8) if color in (0, 3) else (8,)):
            for interlace in (0, 1):
                row = (6 * channels * bits + 7) // 8
                data = b"".join(bytes([y % 5]) + bytes(range(y, y + row)) for y in range(12))
                if interlace:  # seven pictures, each with filters of its own: all 0
                    data = bytes(len(data) + 12)
                yield b"\x89PNG\r\n\x1a\n" + \
                    part(b"IHDR", struct.pack(">IIBBBBB", 6, 4, bits, color, 0, 0, interlace)) + \
                    (part(b"PLTE", bytes(range(48))) + part(b"tRNS", b"\0\x80") if color == 3 else b"") + \
                    part(b"IDAT", zlib.compress(data)) + part(b"IEND", b"")
    yield from map(base64.b64decode, (JPEG_GRAY, JPEG_PROGRESSIVE, JPEG_COLOR))


def nifti():
    for order in "<>":
        for kind, size in ((2, 1), (4, 2), (8, 4), (16, 4), (64, 8), (256, 1), (512, 2), (768, 4)):
            head = bytearray(352)
            struct.pack_into(order + "i", head, 0, 348)
            struct.pack_into(order + "8h", head, 40, 3, 2, 3, 2, 1, 1, 1, 1)
            struct.pack_into(order + "2h", head, 70, kind, 8 * size)
            struct.pack_into(order + "8f", head, 76, *[1.0] * 8)
            struct.pack_into(order + "3f", head, 108, 352, 0.5, -1)
            head[344:348] = b"n+1\0"
            data = bytes(head) + bytes(12 * size)
            yield data
            pack = zlib.compressobj(9, zlib.DEFLATED, 31)
            yield pack.compress(data) + pack.flush()


def files(*patterns):
    for pattern in patterns:
        for path in sorted(glob.glob(pattern)):
            with open(path, "rb") as file:
                yield file.read()


def wisdom():
    for data in files("assets/tuned/*.txt"):
        yield data
        yield b"\n".join(line for line in data.split(b"\n") if b"|" in line)
    yield b"elementwise | all | group=64 | 1 2\n# a comment\n"


def config():
    yield from files("assets/configs/*.yaml", "assets/methods/*.yaml")
    for data in files("assets/networks/*.yaml"):  # as a network of a config
        layers = b"\n".join(b"    " + line for line in data.split(b"\n") if not line.startswith(b"#"))
        yield b"data: d\nnetworks:\n  - name: a\n" + layers + \
            b"\nteacher: {inputs: [{modality: m, network: a}]}\n" \
            b"student: {inputs: [{modality: m, network: a}]}\nmethod: {name: kd}\n"


def description():
    yield from files("assets/*.yaml")


def row(name, **more):
    return {"kind": "kernel", "name": name, "part": "forward", "workload": "0" * 32, "status": "ok",
            "reason": "", "median_us": 3.5, "low_us": 3, "high_us": 4, "flops": 10, "bytes": 10,
            "gflops": 1, "gbs": 1, "peak_share": 0.5,
            "numerics": {"error": 0.5, "limit": 1, "unit": "tolerances"}, **more}


def bench():
    def document(name, rows):
        return json.dumps({"format": "venn-bench", "version": 1, "shaders": "1" * 32, "precision": "f32",
                           "devices": [{"device": {"name": name, "driver": "d"}, "status": "ok",
                                        "reason": "", "rows": rows,
                                        "peaks": {"copy_gbs": 10, "fma_gflops": 100, "dispatch_us": 1,
                                                  "submit_us": 10}}]}).encode()

    one, other = document("a", [row("x"), row("y")]), document("b", [row("x"), row("z", part="")])
    yield one
    yield one + b"\0" + other
    yield document("c", [row("x", status="wrong", median_us=None), row("t", phases={"forward": 1}, losses=[1])])


def summary():
    run = {"seed": 0, "best_epoch": 3, "test_accuracy": 0.5, "seconds": 1}

    def stage(name, **more):
        return {"stage": name, "modality": "image", "network": "net", "parameters": 10, "mean": 0.5, "std": 0.1,
                "memory": 10, "step": {"device_us": 3}, "runs": [run, {**run, "seed": 1}], **more}

    pair = {"stage": "distilled", "baseline": "student", "mean": 0.1, "half": 0.01, "per_seed": [0.1, None]}
    yield json.dumps({"seeds": [0, 1], "stages": [stage("teacher"), stage("student"), stage(
        "distilled", method={"name": "kd", "parameters": {"temperature": 4}})], "paired": [pair]}).encode()
    yield b'{"seeds": [], "stages": []}'


def metrics():
    lines = [{"stage": name, "seed": seed, "epoch": epoch, "ce": 0.5, "loss": None, "valid_loss": 1,
              "train_accuracy": 0.5, "valid_accuracy": 0.5, "kd": 2}
             for name in ("teacher", "student") for seed in (0, 1) for epoch in (1, 2)]
    yield "\n".join(json.dumps(line) for line in lines).encode()
    yield b'{"phase": "joint"}\n\n{"stage": "student", "seed": 0, "epoch": 1, "loss": 1}\n'


STAT = {"mean": 1, "std": 0.5, "error": None, "published": 2}


def mfh():
    diagram = {"only_a": 1, "only_b": 2, "shared": 3}
    yield json.dumps({"kind": "sweep", "command": "venn", "sweep": "gamma", "network": "mlp", "seeds": 3,
                      "as_published": False, "seconds": 1,
                      "points": [{"diagram": diagram, "accuracy": {"teacher": STAT, "student": STAT},
                                  "gain": STAT, "shared_found": STAT}]}).encode()
    side = {"modality": "m", "network": "n", "place": "1", "accuracy": 0.5, "importance": [1, 2],
            "shared": {"importance": 1, "information": 1, "gaussian": 1, "ksg": 1}}
    yield json.dumps({"kind": "diagram", "command": None, "name": "n", "data": "d", "rows": 3, "seconds": 1,
                      "estimates": [{"diagram": diagram}] * 4, "a": side, "b": side}).encode()
    yield json.dumps({"kind": "comparison", "command": "c", "name": "n", "about": "a", "data": "d",
                      "student": "s", "seeds": 2, "seconds": 1,
                      "rows": [{"name": "r", "teacher": STAT, "student": STAT, "gain": STAT}]}).encode()
    yield b'{"kind": "ranking"}'


def ranking():
    side = {"modality": "m", "network": "n", "accuracy": 0.5, "place": "1", "rows": 9, "permutations": 2,
            "base": 0.5, "base_loss": None, "score": [0, 1], "distance": [0, 1], "effect": [0, 1],
            "loss": [0, 1]}
    for distance in ("mse", "l1"):
        yield json.dumps({"kind": "ranking", "name": "n", "data": "d", "joint": True, "distance": distance,
                          "seed": 0, "seconds": 1, "teacher": side, "student": side}).encode()


def verdict():
    yield json.dumps({"device": "d", "driver": "any", "driver_version": 0, "shaders": "0" * 32,
                      "date": "2025-12-31", "fit": True, "ops": 10, "cases": 20, "failed_ops": 0}).encode()


def state():
    metrics = {"epoch": 1, "step": 8, "lr": 0.1, "loss": 0.5, "ce": 0.5, "train_accuracy": 0.5, "valid_loss": None,
               "valid_accuracy": 0.5, "seconds": 1}

    def result(epochs):
        return {"best_epoch": epochs, "valid_accuracy": 0.5, "test_accuracy": None, "test_loss": 1, "seconds": 1,
                "steps": 8 * epochs, "step_us": 2.5, "history": [metrics] * epochs}

    for epochs, index in ((0, 0), (1, 3), (2, 8), (4, 0)):
        sums = {"loss": 1, "correct": 3, "seconds": 1, "steps": index, "terms": [0.5]}
        yield json.dumps({"epoch": epochs, "index": index, "steps": 8 * epochs + index,
                          "optimizer_steps": 8 * epochs + index, "seed": 3, "batch": 5, "sums": sums,
                          "result": result(epochs)}).encode()
        yield json.dumps(result(epochs)).encode()


def folder(description, *pieces):
    """What the target `dataset` takes apart: a description, and the files a, b, c, d and e.nii."""
    return b"\n==\n".join([description.encode(), *pieces])


def npy_file(kind, shape, data):
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def wave_file(samples):
    body = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8)) + chunk(b"data", samples)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def set_of(labels, *modalities, more=""):
    head = f"name: s\nclasses: [x, y]\n{more}labels: {{{labels}}}\nmodalities:\n"
    return head + "".join(f"  - {{name: m{i}, {modality}}}\n" for i, modality in enumerate(modalities))


def dataset():
    labels = b"\0\0\x08\x01" + struct.pack(">I", 6) + bytes([0, 1, 1, 0, 1, 0])
    pixels = b"\0\0\x08\x03" + struct.pack(">III", 6, 2, 2) + bytes(range(24))
    numbers = npy_file("<f4", "(6, 4)", struct.pack("<24f", *range(24)))
    pick = npy_file("<i4", "(4, 2)", struct.pack("<8i", 1, 2, 3, 4, 5, 6, 1, 1))
    both = "train: {file: a}, test: {file: a}"
    yield folder(set_of(f"kind: idx, {both}",
                        "kind: idx, shape: [1, 2, 2], train: {file: b}, test: {file: b}, scale: 0.5, standardise: all",
                        "kind: npy, shape: [4], train: {file: c}, test: {file: c}, weaken: {keep_components: 2}",
                        more="validation: {fraction: 0.5, seed: 1}\nlimit: {train: 3, seed: 2}\n"),
                 labels, pixels, numbers)
    yield folder(set_of("kind: idx, train: {file: a, index: d, pick: 1, base: 1, rows: [1, 3]}",
                        "kind: npy, shape: [2, 2], axes: [1, 0], train: {file: c, index: d, pick: 0, rows: [1, 3]}, "
                        "mean: [1, 2], std: [1, 2], noise: {std: 0.1, seed: 1}"),
                 labels, b"", numbers, pick)
    yield folder(set_of("kind: idx, train: {file: a, where: ['b=1']}",
                        "kind: npy, shape: [4], train: {file: c, where: ['b=1']}, weaken: {keep_variance: 0.5}, "
                        "standardise: element"), labels, labels, numbers)
    table = b"file,class,set\nb,x,1\nc,y,1\nb,1,2\n"
    sound = wave_file(bytes(range(100, 180)))
    yield folder(set_of("kind: csv, train: {file: a, column: class, where: [set=1]}, test: {file: a, column: class}",
                        "kind: wav, shape: [1, 4, 5], mel: {rate: 8000, window_ms: 2, hop_ms: 1, fft: 16, bands: 4, "
                        "frames: 5, peak: true}, train: {file: a, column: file, where: [set=1]}, test: {file: a, "
                        "column: file}"), table, sound, sound)
    yield folder(set_of("kind: csv, train: {file: a, column: class}",
                        "kind: wav, shape: [1, 9, 4], stft: {rate: 8000, fft: 16, hop: 8, frames: 4, peak: 1.1}, "
                        "train: {file: a, column: file, folder: .}",
                        "kind: npys, shape: [2], train: {file: d, column: file}"),
                 table, sound, sound, b"file\ne.nii\ne.nii\ne.nii\n", npy_file("<f4", "(2,)", bytes(8)))
    shades = list(picture())
    rows = b"file,class\n" + b"b,x\nc,y\n"
    yield folder(set_of("kind: csv, train: {file: a, column: class, slices: 2}",
                        "kind: pictures, shape: [1, 4, 6], tile: {height: 4, width: 6, channels: 1}, train: {file: a, "
                        "column: file, slices: 2}"), rows, shades[6], shades[6])
    yield folder(set_of("kind: none, train: {file: a}", "kind: sheet, shape: [1, 2, 2], tile: {height: 2, width: 2}, "
                        "train: {file: b, count: 6}"), labels, shades[6])
    yield folder(set_of("kind: csv, train: {file: a, column: class, slices: 2}",
                        "kind: volumes, shape: [1, 2, 3], look: {normalise: true, invert: true, gamma: 2, bias: 0.1}, "
                        "train: {file: a, column: file, slices: 2}"), b"file,class\ne.nii,x\ne.nii,y\n", b"", b"", b"",
                 list(nifti())[2])
    yield folder(set_of("kind: npy, greatest: true, train: {file: a}",
                        "kind: text, shape: [8], grams: {column: 1, longest: 2}, train: {file: b}",
                        "kind: idx, shape: [1, 2, 2], target: m2, train: {file: c}",
                        "kind: idx, shape: [2, 2], map: {then: [1, 2]}, train: {file: d}"),
                 npy_file("<i4", "(6, 2)", bytes(48)), b"1\tab c\n2\td\n3\t\n4\tf\n5\te\n6\t\n", pixels,
                 b"\0\0\x08\x03" + struct.pack(">III", 6, 2, 2) + bytes(24))
    tags = npy_file("|u1", "(6, 2)", bytes([1, 0] * 6))
    yield folder(set_of("kind: npy, first: true, train: {file: a}", "kind: npy, shape: [2], train: {file: a}",
                        more="score: f1_micro\ntags: m0\n").replace("classes: [x, y]", "class_file: b"),
                 tags, b'{"x": 0, "y": 1}')


MAKERS = {maker.__name__: maker for maker in (
    safetensors, npy, idx, mat5, hdf5, csv, sound, picture, nifti, wisdom, config, description, bench, summary, metrics, mfh,
    ranking, verdict, state, dataset)}
BINARY = {
    "sound": [b"RIFF", b"WAVE", b"fmt ", b"data", b"fact", b"LIST", b"PEAK", b"fLaC", b"RIFX", b"bext", b"cue "],
    "picture": [b"IHDR", b"IDAT", b"PLTE", b"tRNS", b"IEND", b"\xff\xc0", b"\xff\xc2", b"\xff\xc4", b"\xff\xda",
                b"\xff\xdb", b"\xff\xdd", b"\xff\xd9", b"\xff\xe0", b"\xff\xee", b"Adobe"],
    "npy": [b"'descr'", b"'fortran_order'", b"'shape'", b"True", b"False", b"'<f8'", b"'>i2'", b"\x93NUMPY"],
    "mat5": [b"MATLAB", b"\0\1IM", b"\1\0MI"], "hdf5": [b"TREE", b"HEAP", b"SNOD", b"GCOL", b"OHDR"],
    "idx": [b"\x1f\x8b\x08", b"\x00\x00\x08\x03"], "nifti": [b"n+1\0", b"ni1\0", b"\x1f\x8b\x08"],
    "csv": [b'""', b"\r\n", b",", b"\xef\xbb\xbf"]}


def tokens(name, seeds):
    """What stands in the seeds of a format that is text: words, and what JSON and YAML are made of."""
    if name in BINARY:
        return BINARY[name]
    words = {word for seed in seeds for word in re.findall(rb'"?[A-Za-z_][A-Za-z0-9_.]{2,20}"?', seed)}
    return sorted(words)[:400] + [b"{", b"}", b"[", b"]", b": ", b"\\u0000", b"null", b"1e999", b"-1",
                                  b"9223372036854775807", b"&a ", b"*a", b"<<: *a"]


def make(name, folder, dictionary):
    """Writes the seeds of one target, and its dictionary."""
    seeds = list(MAKERS[name]())
    os.makedirs(folder, exist_ok=True)
    for i, seed in enumerate(seeds):
        with open(os.path.join(folder, f"seed-{i:03}"), "wb") as file:
            file.write(seed)
    with open(dictionary, "w", encoding="ascii") as file:
        for token in tokens(name, seeds):
            file.write('"' + "".join(f"\\x{byte:02x}" for byte in token) + '"\n')
