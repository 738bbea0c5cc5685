// Every op of the table through the shared runner, one test each.
//   VENN_TEST_OP=A,B       runs those ops alone
//   VENN_TEST_STRIDE=k     about one case in k
//   VENN_TEST_VERBOSE=1    prints a line per op
//   VENN_TEST_REPORT=FILE  appends a line of JSON per op (venn_op_proof_json)
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/cases.h"
#include "device_fixture.h"
#include "venn/op_run.h"

ParameterizedTestParameters(ops, each)
{
    int count = 0;
    while (venn_op_table[count])
        count++;
    int *index = cr_malloc(sizeof *index * (size_t)(count + 1));
    for (int i = 0; i < count; i++)
        index[i] = i;
    return cr_make_param_array(int, index, (size_t)count);
}

// Whether `only`, names with commas between, holds `op`; of no names, every op is wanted.
static bool is_wanted(const char *only, const char *op)
{
    if (!only || !*only)
        return true;
    const size_t length = strlen(op);
    for (; *only; only += strcspn(only, ","), only += *only == ',')
        if (strcspn(only, ",") == length && strncmp(only, op, length) == 0)
            return true;
    return false;
}

Test(ops, wanted_ops)
{
    cr_assert(is_wanted(NULL, "relu") && is_wanted("", "relu"));
    cr_assert(is_wanted("relu", "relu") && is_wanted("add,relu", "relu"));
    cr_assert(is_wanted("relu,add", "relu") && !is_wanted("add", "relu"));
    cr_assert(!is_wanted("leaky_relu,relu6", "relu") && !is_wanted("relu", "relu6"));
}

static uint32_t read_stride(void)
{
    const char *text = getenv("VENN_TEST_STRIDE");
    if (!text || !*text)
        return 1;
    char *end;
    unsigned long stride = strtoul(text, &end, 10);
    cr_assert(*end == 0 && stride >= 1 && stride <= 100000, "VENN_TEST_STRIDE is \"%s\"", text);
    return (uint32_t)stride;
}

// One write of a whole line: tests of several ops run at a time.
static void append_report(const venn_op_proof *proof, const venn_device *device)
{
    const char *path = getenv("VENN_TEST_REPORT");
    if (!path || !*path)
        return;
    char *text = venn_op_proof_json(proof, device);
    cr_assert_not_null(text);
    const size_t length = strlen(text);
    text[length] = '\n'; // in place of the terminator
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    cr_assert(file >= 0, "VENN_TEST_REPORT: %s cannot be written", path);
    cr_assert(write(file, text, length + 1) == (ssize_t)length + 1);
    close(file);
    free(text);
}

ParameterizedTest(int *index, ops, each)
{
    const venn_op_desc *op = venn_op_table[*index];
    if (!is_wanted(getenv("VENN_TEST_OP"), op->name))
        return;
    venn_device *device = open_test_device();
    venn_op_proof proof;
    cr_assert(venn_op_prove(device, op->name, read_stride(), &proof) == VENN_OK);
    if (getenv("VENN_TEST_VERBOSE"))
        fprintf(
            stderr,
            "%-18s %3d cases, error %.2f of the tolerance (%s), gradient %.2f (%s), its formula "
            "%.2f, %.1f s of CPU, at most %.1f s (%s)\n",
            op->name, proof.cases, proof.value.tolerances, proof.value.where,
            proof.gradient.tolerances, proof.gradient.where, proof.formula.tolerances,
            proof.cpu_seconds, proof.slowest_seconds, proof.slowest);
    append_report(&proof, device);
    close_test_device(&device);
    cr_assert(proof.failures == 0, "%d of %d cases failed; first: %s", proof.failures, proof.cases,
              proof.first_failure);
}

// A row with a misspelt op would never run.
Test(ops, rows_name_ops)
{
    for (const venn_case_row *row = venn_case_rows; row->op; row++)
        cr_expect(venn_op_find(row->op), "cases.def has a row of %s, which is no op", row->op);
}
