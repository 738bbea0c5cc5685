// An op put to the test on a device, for those who use the library.
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/status.h"
#include "bench/case_run.h"
#include "kernel/kernel.h"
#include "venn/op_run.h"

static venn_op_error error_text(double error, const char *where)
{
    venn_op_error e = {.tolerances = error};
    snprintf(e.where, sizeof e.where, "%s", where);
    return e;
}

static venn_status read_profile(venn_device *device, venn_op_proof *proof)
{
    static const char *const families[] = {"shuffle", "tile", "direct"};
    venn_kernels *kernels;
    VENN_TRY(venn_kernels_of(device, &kernels));
    const venn_profile *profile = venn_kernels_profile(kernels);
    proof->subgroup_size = profile->subgroup_size;
    proof->family = families[profile->family];
    return VENN_OK;
}

venn_status venn_op_prove(venn_device *device, const char *name, uint32_t stride,
                          venn_op_proof *proof)
{
    venn_op_info info;
    venn_case_report report = {0};
    VENN_TRY(venn_op_get(name, &info));
    venn_case_run_op(device, venn_op_find(name), stride, &report);
    *proof = (venn_op_proof){
        .op = info.name,
        .cases = report.cases,
        .failures = report.failures,
        .refused = report.refused,
        .sampled = report.sampled,
        .value = error_text(report.worst, report.worst_case),
        .gradient = error_text(report.worst_gradient, report.worst_gradient_case),
        .formula = error_text(report.worst_ref, ""),
        .cpu_seconds = report.cpu_seconds,
        .slowest_seconds = report.slowest,
    };
    snprintf(proof->slowest, sizeof proof->slowest, "%s", report.slowest_case);
    snprintf(proof->first_failure, sizeof proof->first_failure, "%s", report.first);
    venn_hash_text(report.hash, proof->hash);
    venn_hash_text(report.sample, proof->sample_hash);
    return read_profile(device, proof);
}

// JSON has no infinity.
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *error_json(const venn_op_error *error)
{
    return json_pack("{s:o, s:s}", "tolerances", number(error->tolerances), "case", error->where);
}

char *venn_op_proof_json(const venn_op_proof *p, const venn_device *device)
{
    const venn_device_info *info = venn_device_get_info(device);
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:i, s:s, s:i, s:i, s:i, s:o, s:o, s:o, s:s, s:i, s:s, s:f, s:f, s:s, "
        "s:s}",
        "op", p->op, "device", info->name, "driver", info->driver, "subgroup",
        (int)p->subgroup_size, "family", p->family, "cases", p->cases, "failures", p->failures,
        "refused", p->refused, "value", error_json(&p->value), "gradient", error_json(&p->gradient),
        "formula", number(p->formula.tolerances), "hash", p->hash, "sampled", p->sampled,
        "sample_hash", p->sample_hash, "cpu_seconds", p->cpu_seconds, "slowest_seconds",
        p->slowest_seconds, "slowest", p->slowest, "first_failure", p->first_failure);
    char *text = object ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
    json_decref(object);
    return text;
}
