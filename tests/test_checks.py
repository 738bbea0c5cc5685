"""Each check fails on a tree that breaks its rule, and passes on one that does not.

usage: test_checks.py TOOLS_FOLDER [unittest options]
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

TOOLS = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "tools"

GOOD = {
    "include/venn/base.h": "// base\nint venn_base(void);\n",
    "include/venn/ops.h": "// ops\ntypedef int venn_tensor;\nvenn_tensor venn_relu(int x);\n",
    "src/base/status.h": "// status\n",
    "src/base/status.c": '// status\n#include "base/status.h"\nint venn_base(void)\n{\n    return 1;\n}\n',
    "src/graph/graph.c": '// graph\n#include "base/status.h"\nint venn_graph(void)\n{\n    return 2;\n}\n',
    "src/ops/ops.def": "// ops\nOP(relu)\n",
    "src/ops/relu.c": '// relu\n#include "relu.comp"\nconst int venn_op_relu = 1;\n'
                      "int venn_relu(int x)\n{\n    return x;\n}\n",
    "shaders/ops/relu.comp": "// relu\n",
    "tests/cases.def": '// cases\nCASE(relu, "N=1", "N", "")\n',
    "tests/peer/elementwise.py": '"""Entries."""\n@op("relu", "torch.relu")\ndef relu(p, x):\n    return x\n',
}


class Tree(unittest.TestCase):
    """A small tree that keeps every rule; a test changes some files of it and runs one check."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name
        self.write(GOOD)

    def write(self, files):
        for path, text in files.items():
            full = os.path.join(self.root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)

    def compile(self):
        for path in ("src/base/status", "src/graph/graph", "src/ops/relu", "src/ops/gelu"):
            source = os.path.join(self.root, path + ".c")
            if os.path.exists(source):
                target = os.path.join(self.root, "build/CMakeFiles/venn.dir", path + ".c.o")
                os.makedirs(os.path.dirname(target), exist_ok=True)
                subprocess.run(["cc", "-c", source, "-o", target, "-I", self.root + "/src",
                                "-I", self.root + "/shaders/ops", "-I", self.root + "/include"],
                               check=True)

    def run_check(self, script, *options):
        run = subprocess.run([sys.executable, os.path.join(TOOLS, script), *options],
                             capture_output=True, text=True)
        return run.returncode, run.stdout + run.stderr

    def fails(self, script, text, *options):
        code, output = self.run_check(script, *(options or (self.root,)))
        self.assertEqual(code, 1, output)
        self.assertIn(text, output)

    def passes(self, script, *options):
        code, output = self.run_check(script, *(options or (self.root,)))
        self.assertEqual(code, 0, output)


class Layers(Tree):
    def includes(self, path, line, text):
        self.write({path: f"// a file\n#include {line}\n"})
        self.fails("check_layers.py", text)

    def test_good_tree(self):
        self.compile()
        self.passes("check_layers.py")
        self.passes("check_layers.py", self.root, "--objects", self.root + "/build")

    def test_upward_include(self):
        self.includes("src/base/arena.c", '"graph/op.h"', "base must not use graph")

    def test_upward_public_header(self):
        self.includes("src/graph/plan.c", '"venn/ops.h"', "graph must not use ops")

    def test_sibling(self):
        self.includes("src/nn/layer.c", '"data/idx.h"', "nn must not use data")

    def test_vulkan_outside_vk(self):
        self.includes("src/graph/plan.c", "<volk.h>", "only src/vk includes Vulkan")

    def test_op_includes_op(self):
        self.write({"src/ops/ops.def": "OP(relu)\nOP(gelu)\n", "src/ops/relu.h": "// relu\n"})
        self.includes("src/ops/gelu.c", '"ops/relu.h"', "no other op's")

    def test_program_includes_internal(self):
        self.includes("src/cli/main.c", '"base/status.h"', "public headers only")

    def test_header_of_no_layer(self):
        self.write({"include/venn/new.h": "// new\n"})
        self.fails("check_layers.py", "in no layer")

    def test_graph_names_op(self):
        self.write({"src/graph/plan.c": '// plan\nconst char *venn_x = "relu";\n'})
        self.fails("check_layers.py", 'names the op "relu"')

    def symbols(self, path, text, finding):
        self.write({path: text})
        self.compile()
        self.fails("check_layers.py", finding, self.root, "--objects", self.root + "/build")

    def test_upward_symbol(self):
        self.symbols("src/base/status.c", "int venn_graph(void);\nint venn_base(void)\n"
                     "{\n    return venn_graph();\n}\n", "base must not use graph")

    def test_foreign_name(self):
        self.symbols("src/base/status.c", "int helper = 1;\n", "does not begin venn_")

    def test_op_uses_op(self):
        self.write({"src/ops/ops.def": "OP(relu)\nOP(gelu)\n"})
        self.symbols("src/ops/gelu.c", "extern const int venn_op_relu;\nint venn_gelu(void)\n"
                     "{\n    return venn_op_relu;\n}\n", "does not declare")

    def test_no_objects(self):
        self.fails("check_layers.py", "build first", self.root, "--objects", self.root + "/build")


class Sizes(Tree):
    def test_good_tree(self):
        self.passes("check_sizes.py")

    def test_nothing_to_check(self):
        with tempfile.TemporaryDirectory() as empty:
            self.assertEqual(self.run_check("check_sizes.py", empty)[0], 1)

    def test_file(self):
        self.write({"src/base/long.c": "// line\n" * 801})
        self.fails("check_sizes.py", "801 lines, more than 800")

    def function(self, lines, head="int venn_f(int a,\n           int b)\n"):
        body = "{\n" + "    /* } */ char c = '}';\n" * (lines - 2 - head.count("\n")) + "}\n"
        return f"// file\nstruct s {{\n    int x;\n}};\nint t[] = {{1}};\n{head}{body}"

    def test_function(self):
        self.write({"src/base/long.c": self.function(101)})
        self.fails("check_sizes.py", "long.c:6: venn_f has 101 lines, more than 100")
        self.write({"src/base/long.c": self.function(100)})
        self.passes("check_sizes.py")

    def test_shader_function(self):
        self.write({"shaders/ops/long.comp": self.function(101, "void main()\n")})
        self.fails("check_sizes.py", "main has 101 lines")

    def test_python_function(self):
        self.write({"tools/long.py": "def f():\n" + "    pass\n" * 100})
        self.fails("check_sizes.py", "f has 101 lines")

    def test_shell_function(self):
        self.write({"dev": "#!/bin/sh\nf() {\n" + "    :\n" * 99 + "}\n"})
        self.fails("check_sizes.py", "f has 101 lines")

    def test_same_name(self):
        self.write({"src/vk/status.h": "// status\n"})
        self.fails("check_sizes.py", "status.h: the name stands more than once")

    def test_banned_name(self):
        for name in ("utils.c", "graph_common.h"):
            self.write({f"src/base/{name}": "// things\n"})
            self.fails("check_sizes.py", f"{name}: the name says nothing")

    def test_unfinished(self):
        self.write({"src/base/late.c": "// TO" "DO: all of it\n"})
        self.fails("check_sizes.py", "late.c:1")


class Ops(Tree):
    def test_good_tree(self):
        self.passes("check_ops.py")

    def without(self, path, text):
        os.remove(os.path.join(self.root, path))
        self.fails("check_ops.py", text)

    def test_no_source(self):
        self.without("src/ops/relu.c", "src/ops/relu.c is missing")

    def test_no_shader(self):
        self.without("shaders/ops/relu.comp", "shaders/ops/relu.comp is missing")

    def test_alias_needs_no_shader(self):
        self.write({"src/ops/relu.c": "const int venn_op_relu = {.alias = true};\n"})
        os.remove(os.path.join(self.root, "shaders/ops/relu.comp"))
        self.passes("check_ops.py")

    def test_no_cases(self):
        self.without("tests/cases.def", "no CASE row")

    def test_no_prototype(self):
        self.write({"include/venn/ops.h": "// venn_tensor venn_relu(int x);\n"})
        self.fails("check_ops.py", "no prototype")

    def test_not_in_table(self):
        self.write({"src/ops/gelu.c": "const int venn_op_gelu = 1;\n"})
        self.fails("check_ops.py", "gelu: src/ops/gelu.c defines an op")

    def test_cases_of_no_op(self):
        self.write({"tests/cases.def": 'CASE(relu, "", "", "")\nCASE(gelu, "", "", "")\n'})
        self.fails("check_ops.py", "gelu: tests/cases.def has rows")

    def test_missing_peer(self):
        self.without("tests/peer/elementwise.py", "relu: tests/peer has no entry")

    def test_twice(self):
        self.write({"src/ops/ops.def": "OP(relu)\nOP(relu)\n"})
        self.fails("check_ops.py", "stands twice")


class Spirv(Tree):
    SHADER = """#version 450
#extension GL_EXT_shader_atomic_float : enable
layout(set = 0, binding = 0) buffer B { float f; uint u; } b;
void main() { %s; }
"""

    def kernel(self, statement):
        source = os.path.join(self.root, "kernel.comp")
        with open(source, "w", encoding="utf-8") as file:
            file.write(self.SHADER % statement)
        subprocess.run(["glslc", "--target-env=vulkan1.2", "-mfmt=num", source,
                        "-o", os.path.join(self.root, "kernel.inc")], check=True)

    def test_integer_atomic_may_stay(self):
        self.kernel("atomicAdd(b.u, 1u)")
        self.passes("check_spirv.py")

    def test_float_add(self):
        self.kernel("atomicAdd(b.f, 1.0)")
        self.fails("check_spirv.py", "OpAtomicFAddEXT")

    def test_float_exchange(self):
        self.kernel("atomicExchange(b.f, 1.0)")
        self.fails("check_spirv.py", "an atomic on a float")

    def test_compare_and_exchange(self):
        self.kernel("atomicCompSwap(b.u, 0u, floatBitsToUint(b.f))")
        self.fails("check_spirv.py", "OpAtomicCompareExchange")

    SHARED = """#version 450
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const bool WIDE = false;
shared vec4 tile[(WIDE ? 2 : 1) * %d];
layout(set = 0, binding = 0) buffer B { float f; } b;
void main() { tile[gl_LocalInvocationID.x] = vec4(1.0); barrier(); b.f = tile[0].x; }
"""

    CHOICE = """#version 450
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint KIND = 0;
const uint CHOSEN = KIND == 3 ? 2 : 1;
shared float tile[%s];
layout(set = 0, binding = 0) buffer B { float f; } b;
void main() { tile[0] = 1.0; barrier(); b.f = tile[0] * float(CHOSEN); }
"""

    def test_shared_memory(self):
        self.SHADER, keep = self.SHARED, self.SHADER
        self.kernel(1024)
        self.passes("check_spirv.py")
        self.kernel(1025)
        self.fails("check_spirv.py", "uses 16400 bytes of shared memory")
        self.SHADER = keep

    def test_a_choice_that_is_no_size(self):
        self.SHADER, keep = self.CHOICE, self.SHADER
        self.kernel("1")
        self.passes("check_spirv.py")
        self.kernel("CHOSEN")
        self.fails("check_spirv.py", "of a size not understood")
        self.SHADER = keep

    def test_no_kernels(self):
        self.fails("check_spirv.py", "0 looked at")

    def test_not_spirv(self):
        self.write({"kernel.inc": "1,2,3,4,5\n"})
        self.fails("check_spirv.py", "is not SPIR-V")


class OpReports(Tree):
    LINE = ('{"op": "%s", "device": "d", "subgroup": 4, "family": "tile", "cases": %d, "failures": %d, '
            '"refused": %d, "hash": "%s", "sampled": 2, "sample_hash": "%s"}\n')

    def report(self, name, *lines):
        """A line of op, cases, failures, hash and, where there are more, hash of the sample, refusals."""
        self.write({name: "".join(self.LINE % (op, cases, failed, *(refused or (0,)), whole, sample or "s")
                                  for op, cases, failed, whole, sample, *refused in
                                  (line if len(line) > 4 else (*line, None) for line in lines))})
        return os.path.join(self.root, name)

    def test_counts(self):
        path = self.report("a", ("relu", 7, 0, "x"), ("add", 5, 0, "y"))
        code, output = self.run_check("op_reports.py", "count", path, "--floor", "12")
        self.assertEqual((code, output), (0, "12 op cases, 0 failed, subgroups of 4, tile kernels\n"))
        self.fails("op_reports.py", "12 op cases are fewer", "count", path, "--floor", "13")

    def test_kind_of_device(self):
        path = self.report("a", ("relu", 7, 0, "x"))
        code, _ = self.run_check("op_reports.py", "count", path, "--expect", "subgroup=4", "--expect", "family=tile")
        self.assertEqual(code, 0)
        self.fails("op_reports.py", "subgroup is 4, not 16", "count", path, "--expect", "subgroup=16")

    def test_refusals(self):
        path = self.report("a", ("relu", 10, 0, "x", "s", 1))
        code, output = self.run_check("op_reports.py", "count", path)
        self.assertEqual((code, output), (0, "10 op cases, 0 failed, 1 refused, subgroups of 4, tile kernels\n"))
        self.fails("op_reports.py", "2 refused", "count", self.report("a", ("relu", 10, 0, "x", "s", 2)))

    def test_failures(self):
        path = self.report("a", ("relu", 7, 1, "x"))
        self.fails("op_reports.py", "7 op cases, 1 failed", "count", path)

    def test_nothing_ran(self):
        self.fails("op_reports.py", "0 op cases", "count", self.report("a"))

    def test_same_results(self):
        a = self.report("a", ("relu", 7, 0, "x"), ("add", 5, 0, "y"))
        b = self.report("b", ("add", 2, 0, "z"), ("relu", 2, 0, "w"))
        code, output = self.run_check("op_reports.py", "compare", a, b)
        self.assertEqual((code, output), (0, "2 ops, 4 cases ran twice: 0 differences\n"))

    def test_other_bits(self):
        a = self.report("a", ("relu", 7, 0, "x"), ("add", 5, 0, "y"))
        b = self.report("b", ("relu", 7, 0, "x"), ("add", 5, 0, "z"))
        self.fails("op_reports.py", "add: the results differ", "compare", a, b)
        self.fails("op_reports.py", "2 ops, 12 cases ran twice: 1 differences", "compare", a, b)

    def test_other_bits_in_the_sample(self):
        a = self.report("a", ("relu", 7, 0, "x", "s"))
        self.fails("op_reports.py", "relu: the results differ", "compare", a,
                   self.report("b", ("relu", 2, 0, "y", "t")))

    def test_missing_op(self):
        a = self.report("a", ("relu", 7, 0, "x"), ("add", 5, 0, "y"))
        b = self.report("b", ("relu", 7, 0, "x"))
        self.fails("op_reports.py", "add: only one of the runs", "compare", a, b)


class OpsPage(Tree):
    """tools/ops_page.py writes a row for an op, keeps others, refuses what would leave gaps, and sees what is stale."""

    def report(self, op, device, cases=7, failures=0):
        kinds = [{"type": kind, "taken": True, "cases": cases, "unsupported": 0, "value": 0.25,
                  "gradient": 0.5} for kind in ("f32", "f16", "bf16")]
        line = {"op": op, "device": device, "summary": "y = |x|", "differentiable": True, "types": kinds,
                "failures": failures, "first_failure": "y0[3] is 1"}
        name = f"{op}.{device}"
        self.write({name: json.dumps(line) + "\n"})
        return os.path.join(self.root, name)

    def reports(self, op, **more):
        return [self.report(op, device, **more) for device in ("llvmpipe (LLVM)", "SwiftShader Device")]

    def page(self, *reports):
        code, output = self.run_check("ops_page.py", "write", self.root, *reports)
        self.assertEqual(code, 0, output)
        with open(os.path.join(self.root, "docs/ops.md"), encoding="utf-8") as file:
            return file.read()

    def test_rows(self):
        self.write({"src/ops/ops.def": "// ops\nOP(relu)\n// loss\nOP(mse)\n", "docs/ops.md": ""})
        text = self.page(*self.reports("relu"), *self.reports("mse"))
        self.assertIn("| `relu` | y = \\|x\\| | yes | 7 · 0.5 | 7 · 0.5 | 7 · 0.5 | 7 · 0.5 | 7 · 0.5 | 7 · 0.5 |\n", text)
        self.assertLess(text.index("## core"), text.index("## loss"))
        text = self.page(*self.reports("mse", cases=9))
        self.assertIn("| `relu` | y = \\|x\\| | yes | 7 ·", text)
        self.assertIn("| `mse` | y = \\|x\\| | yes | 9 ·", text)

    def test_gap(self):
        self.write({"docs/ops.md": ""})
        self.fails("ops_page.py", "no report of relu: ./dev ops relu", "write", self.root,
                   self.report("relu", "llvmpipe (LLVM)"))

    def test_failure(self):
        self.fails("ops_page.py", "relu: y0[3] is 1", "write", self.root, *self.reports("relu", failures=1))

    def test_other_device(self):
        self.fails("ops_page.py", "Radeon: the page has columns for lavapipe, SwiftShader alone", "write",
                   self.root, self.report("relu", "Radeon"))

    def checked(self, *ops):
        """The page has relu, of every type; a program says that it has these ops."""
        self.write({"venn": "#!/bin/sh\ncat <<END\n" + json.dumps(ops) + "\nEND\n", "docs/ops.md": ""})
        os.chmod(os.path.join(self.root, "venn"), 0o755)
        self.page(*self.reports("relu"))
        return "check", self.root, os.path.join(self.root, "venn")

    def test_check(self):
        relu = {"name": "relu", "summary": "y = |x|", "differentiable": True, "half": True}
        self.passes("ops_page.py", *self.checked(relu))
        stale = "docs/ops.md does not have relu as it is\n`./dev ops relu` puts"
        for key, value in {"half": False, "summary": "y = x", "differentiable": False}.items():
            self.fails("ops_page.py", stale, *self.checked({**relu, key: value}))
        self.fails("ops_page.py", "does not have mse as it is", *self.checked(relu, {**relu, "name": "mse"}))
        self.fails("ops_page.py", "has relu, which is no op", *self.checked({**relu, "name": "mse"}))


class Manual(Tree):
    """check_man.py, given a program of one command with one option, and pages about it."""

    def check(self, page, *more):
        program = os.path.join(self.root, "venn")
        self.write({"venn": "#!/bin/sh\n[ $# = 2 ] || { echo 'Usage: venn COMMAND [ARGUMENT...]'; echo;"
                            " echo '  op         run it'; exit; }\n"
                            "echo 'Usage: venn op'; echo '  -s, --seed=N   Its seed'\n",
                    "man/venn.1.scd": "*venn-op*(1)\n", "man/venn-op.1.scd": page,
                    **{path: "" for path in more}})
        os.chmod(program, 0o755)
        return program, os.path.join(self.root, "man")

    def test_pages(self):
        page = "*-s* _N_, *--seed*=_N_\n\tIts seed.\n"
        self.passes("check_man.py", *self.check(page))
        self.fails("check_man.py", "--seed is not told of", *self.check("*-s* _N_\n\tIts seed.\n"))
        self.fails("check_man.py", "has no --loud", *self.check(page + "\n*--loud*\n\tCry.\n"))
        self.fails("check_man.py", "there is no such command",
                   *self.check(page, "man/venn-sing.1.scd"))
        os.remove(os.path.join(self.root, "man/venn-sing.1.scd"))
        program, man = self.check(page)
        os.remove(os.path.join(man, "venn-op.1.scd"))
        self.fails("check_man.py", "there is no page of venn op", program, man)


class Science(unittest.TestCase):
    """science.py, given a program whose experiments show what they must, and one whose do not."""

    def run_science(self, gains):
        points = [{"gamma": i / 5, "gain": {"mean": gain}} for i, gain in enumerate(gains)]
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "venn")
            with open(program, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\ncat <<'END'\n" + json.dumps(
                    {"seeds": 2, "seconds": 1.0, "points": points}) + "\nEND\n")
            os.chmod(program, 0o755)
            script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "science.py")
            run = subprocess.run([sys.executable, script, program, "mfh-gamma"],
                                 capture_output=True, text=True)
        return run.returncode, run.stdout

    def test_targets_met(self):
        code, output = self.run_science([-1.5, -0.9, 0.4, 0.7, 1.4, 2.2])
        self.assertEqual(code, 0, output)
        self.assertIn("5 targets met, 0 missed", output)

    def test_target_missed(self):
        code, output = self.run_science([-1.5, -0.9, 0.4, 0.3, 1.4, 2.2])
        self.assertEqual(code, 1, output)
        self.assertIn("MISSED  the gain rises with gamma", output)


if __name__ == "__main__":
    unittest.main()
