// An op put to the test on a device, for those who use the library.
#include <stdio.h>

#include "base/json.h"
#include "base/status.h"
#include "bench/case_run.h"
#include "kernel/kernel.h"
#include "venn/op_run.h"

_Static_assert((int)VENN_OP_TYPES == (int)VENN_CASE_TYPES, "the public number");

static venn_op_error error_text(const venn_case_worst *worst)
{
    venn_op_error e = {.tolerances = worst->error};
    snprintf(e.where, sizeof e.where, "%s", worst->where);
    return e;
}

static void fill_types(const venn_op_desc *op, const venn_case_report *report, venn_op_proof *proof)
{
    for (int k = 0; k < VENN_CASE_TYPES; k++) {
        const venn_case_type_report *from = &report->type[k];
        venn_op_type_proof *to = &proof->types[k];
        *to = (venn_op_type_proof){.type = venn_dtype_name((venn_dtype)k),
                                   .taken = k == VENN_F32 || op->half != VENN_HALF_NO,
                                   .cases = from->cases,
                                   .failures = from->failures,
                                   .unsupported = from->unsupported,
                                   .value = from->value,
                                   .gradient = from->gradient};
        snprintf(to->why, sizeof to->why, "%s", from->why);
    }
}

static venn_status read_profile(venn_device *device, venn_op_proof *proof)
{
    static const char *const families[] = {"shuffle", "tile", "direct"};
    venn_kernels *kernels;
    VENN_TRY(venn_kernels_of(device, &kernels));
    const venn_profile *profile = venn_kernels_profile(kernels);
    proof->subgroup_size = profile->subgroup_size;
    const bool emulated = profile->matrix.api == VENN_MATRIX_EMULATED;
    proof->family = emulated ? "coop" : families[profile->family];
    return VENN_OK;
}

venn_status venn_op_prove(venn_device *device, const char *name, uint32_t stride,
                          venn_op_proof *proof)
{
    venn_op_info info;
    venn_case_report report = {0};
    VENN_TRY(venn_op_get(name, &info));
    const venn_op_desc *op = venn_op_find(name);
    venn_case_run_op(device, op, stride, &report);
    *proof = (venn_op_proof){
        .op = info.name,
        .cases = report.cases,
        .failures = report.failures,
        .refused = report.refused,
        .sampled = report.sampled,
        .value = error_text(&report.value),
        .gradient = error_text(&report.gradient),
        .formula = {.tolerances = report.worst_ref},
        .cpu_seconds = report.cpu_seconds,
        .slowest_seconds = report.slowest,
    };
    snprintf(proof->slowest, sizeof proof->slowest, "%s", report.slowest_case);
    snprintf(proof->first_failure, sizeof proof->first_failure, "%s", report.first);
    venn_hash_text(report.hash, proof->hash);
    venn_hash_text(report.sample, proof->sample_hash);
    fill_types(op, &report, proof);
    return read_profile(device, proof);
}

static json_t *error_json(const venn_op_error *error)
{
    return json_pack("{s:o, s:s}", "tolerances", venn_json_real(error->tolerances), "case",
                     error->where);
}

static json_t *types_json(const venn_op_proof *p)
{
    json_t *array = json_array();
    for (int k = 0; k < VENN_OP_TYPES; k++) {
        const venn_op_type_proof *t = &p->types[k];
        json_array_append_new(
            array, json_pack("{s:s, s:b, s:i, s:i, s:i, s:s, s:o, s:o}", "type", t->type, "taken",
                             t->taken, "cases", t->cases, "failures", t->failures, "unsupported",
                             t->unsupported, "why", t->why, "value", venn_json_real(t->value),
                             "gradient", venn_json_real(t->gradient)));
    }
    return array;
}

static json_t *device_json(const venn_op_proof *p, const venn_device *device)
{
    const venn_device_info *info = venn_device_get_info(device);
    return json_pack("{s:s, s:s, s:i, s:s}", "device", info->name, "driver", info->driver,
                     "subgroup", (int)p->subgroup_size, "family", p->family);
}

char *venn_op_proof_json(const venn_op_proof *p, const venn_device *device)
{
    venn_op_info op;
    if (venn_op_get(p->op, &op) < 0)
        return NULL;
    json_t *object = json_pack(
        "{s:s, s:s, s:b, s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:s, s:i, s:s, s:f, s:f, s:s, s:s}",
        "op", p->op, "summary", op.summary, "differentiable", op.differentiable, "cases", p->cases,
        "failures", p->failures, "refused", p->refused, "types", types_json(p), "value",
        error_json(&p->value), "gradient", error_json(&p->gradient), "formula",
        venn_json_real(p->formula.tolerances), "hash", p->hash, "sampled", p->sampled,
        "sample_hash", p->sample_hash, "cpu_seconds", p->cpu_seconds, "slowest_seconds",
        p->slowest_seconds, "slowest", p->slowest, "first_failure", p->first_failure);
    json_t *where = device_json(p, device);
    const bool whole = object && where && json_object_update(object, where) == 0;
    char *text = venn_json_text(whole ? object : NULL, JSON_COMPACT | JSON_REAL_PRECISION(6));
    json_decref(object);
    json_decref(where);
    return text;
}
