"""What venn's speed is held to on software Vulkan with two cores: each row's work, its peer, floor and aim.

A ratio is the peer's time over venn's for the same work, so that above 1 venn is faster. Peers that are
not measured are figures of another run, on two cores with AVX-512 and lavapipe 22.3.6: ggml's Vulkan
backend, and the best of ggml and TensorFlow.js for the steps. PyTorch took those steps in that run too;
as the two machines differ, the figures of steps are scaled by what PyTorch takes here.
"""
from collections import namedtuple

# name: of the row; work, part: as `venn bench --work --part` take them; peer: ("gemm", M, N, K), ("memcpy",),
# ("torch", step), ("quoted", whose, value) or ("scaled", step, whose, times of PyTorch's); amount: floating-point operations or bytes of one run.
Goal = namedtuple("Goal", "name work part peer amount unit floor aim")


def sgemm(layout, size, peer=None, floor=0.40, aim=0.55):
    shapes = {"NN": ("MxK KxN", ""), "NT": ("MxK NxK", "trans_b=1"), "TN": ("KxM KxN", "trans_a=1")}
    inputs, params = shapes[layout]
    return Goal(f"sgemm {layout} {size}", f"matmul; M={size} N={size} K={size}; {inputs}; {params}", None,
                peer or ("gemm", size, size, size), 2 * size ** 3, "GFLOP/s", floor, aim)


def conv(part, kernel, batch, channels, filters, size, peer, floor, aim, title=None):
    pad = kernel // 2
    work = (f"conv2d; N={batch}; Nx{channels}x{size}x{size} {filters}x{channels}x{kernel}x{kernel} -; "
            f"pad={pad}")
    what = {None: "forward", "x": "data gradient", "w": "weight gradient"}[part]
    pixels, taps = batch * size * size, channels * kernel * kernel
    # The product that im2col leaves to BLAS, which is not charged for im2col.
    shape = {None: (filters, pixels, taps), "x": (channels, pixels, filters * kernel * kernel),
             "w": (filters, taps, pixels)}[part]
    return Goal(title or f"conv {kernel}x{kernel} {channels}->{filters} {size}x{size} N={batch} {what}",
                work, part, peer or ("gemm",) + shape, 2 * filters * pixels * taps, "GFLOP/s", floor, aim)


def quoted(value, whose):
    return ("quoted", whose, value)


def scaled(step, milliseconds, whose, torch_milliseconds):
    return ("scaled", step, whose, milliseconds / torch_milliseconds)


GGML = "ggml Vulkan"
N = 4096 * 1024

GOALS = [sgemm(layout, size) for layout in ("NN", "NT", "TN") for size in (512, 1024, 2048)]
GOALS += [conv(None, 3, 4, 64, 64, 32, None, 0.65, 0.85), conv("x", 3, 4, 64, 64, 32, None, 0.65, 0.85),
          conv("w", 3, 4, 64, 64, 32, None, 0.45, 0.60), conv(None, 5, 4, 64, 64, 32, None, 0.45, 0.60),
          conv("x", 5, 4, 64, 64, 32, None, 0.45, 0.60), conv("w", 5, 4, 64, 64, 32, None, 0.45, 0.60)]
GOALS += [
    Goal("add 4096x1024", f"add; N={N}; N N; ", None, ("memcpy",), 12 * N, "GB/s", 0.60, 0.77),
    Goal("row softmax 4096x1024", "softmax; M=4096 C=1024; MxC; ", None, ("memcpy",), 8 * N, "GB/s",
         0.28, 0.40),
    Goal("column sum 4096x1024", "sum; M=4096 N=1024; MxN; axes=1", None, ("memcpy",), 4 * N, "GB/s",
         0.40, 0.50),
    Goal("KD step LeNet", "lenet", None, ("torch", "lenet"), 0, "", 0.5, 1.0),
    Goal("KD step MLP", "mlp", None, ("torch", "mlp"), 0, "", 0.5, 1.0),
    sgemm("NN", 1024, quoted(8.2, GGML), 6, 10)._replace(name="sgemm NN 1024, beside ggml"),
    sgemm("TN", 1024, quoted(0.7, GGML), 50, 130)._replace(name="sgemm TN 1024 (gradient), beside ggml"),
    conv(None, 3, 32, 16, 32, 28, quoted(4.4, GGML), 10, 20, "conv 3x3 N32 16->32 28x28, beside ggml"),
    Goal("KD step LeNet, beside Vulkan trainers", "lenet", None,
         scaled("lenet", 4.1e3, "ggml", 33), 0, "", 60, 120),
    Goal("KD step MLP, beside Vulkan trainers", "mlp", None,
         scaled("mlp", 136, "TensorFlow.js", 2.2), 0, "", 30, 60),
]
