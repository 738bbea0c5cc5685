// Input data of a case, by the input's domain.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "bench/cases.h"

const venn_input_def *venn_case_input(const venn_op_desc *op, int i)
{
    return &op->inputs[i < op->n_inputs ? i : op->n_inputs - 1];
}

static void store(venn_dtype dtype, void *data, int64_t i, float value)
{
    switch (dtype) {
    case VENN_F32:
        ((float *)data)[i] = value;
        break;
    case VENN_I32:
        ((int32_t *)data)[i] = (int32_t)value;
        break;
    case VENN_U8:
        ((uint8_t *)data)[i] = (uint8_t)value;
        break;
    case VENN_F16:
    case VENN_BF16:
        break; // made as f32 and rounded
    }
}

// A kink at 0 must stay clear of finite differences.
static float away_from_zero(float x)
{
    const float least = 1.0f / 1024;
    return fabsf(x) >= least ? x : x < 0 ? x - least : x + least;
}

static void fill_any(venn_rng *rng, venn_dtype dtype, int64_t count, void *data)
{
    for (int64_t i = 0; i < count; i++)
        switch (dtype) {
        case VENN_I32:
            store(dtype, data, i, (float)venn_rng_below(rng, 17) - 8);
            break;
        case VENN_U8:
            store(dtype, data, i, (float)venn_rng_below(rng, 256));
            break;
        default:
            store(dtype, data, i, away_from_zero(venn_rng_normal(rng)));
        }
}

// Rows of the softmax of N(0,1). Operands without a gradient also get exact zeros, as one-hot targets
// have (a gradient of t log t would be infinite there).
static void fill_probability(venn_rng *rng, const venn_shape *shape, bool zeros, float *data)
{
    int64_t count = venn_shape_count(shape);
    int64_t width = shape->rank ? shape->dim[shape->rank - 1] : 1;
    for (int64_t row = 0; width > 0 && row < count / width; row++) {
        float *p = data + row * width;
        double sum = 0;
        for (int64_t i = 0; i < width; i++) {
            float e = expf(venn_rng_normal(rng));
            // The first entry never vanishes, so that the sum is not 0.
            p[i] = zeros && i > 0 && venn_rng_below(rng, 4) == 0 ? 0 : e;
            sum += (double)p[i];
        }
        for (int64_t i = 0; i < width; i++)
            p[i] = (float)((double)p[i] / sum);
    }
}

// Outputs of the size of what the weights are applied to.
static void fill_weight(venn_rng *rng, const venn_shape *shape, int64_t count, float *data)
{
    const float scale = 1 / sqrtf(shape->rank ? (float)shape->dim[shape->rank - 1] : 1);
    for (int64_t k = 0; k < count; k++)
        data[k] = scale * venn_rng_normal(rng);
}

static void fill_class(venn_rng *rng, const venn_case *c, venn_dtype dtype, int64_t count,
                       void *data)
{
    const venn_shape *scores = &c->shape[0];
    int64_t classes = scores->rank ? scores->dim[scores->rank - 1] : 1;
    for (int64_t i = 0; i < count; i++)
        store(dtype, data, i, classes ? (float)venn_rng_below(rng, (uint32_t)classes) : 0);
}

// Extent of input 0 at the axis that indices are about.
static int64_t indexed_extent(const venn_case *c)
{
    const venn_shape *x = &c->shape[0];
    int32_t axis = 0;
    for (const venn_param_def *def = c->op->params; def && def->name; def++)
        if (strcmp(def->name, "axis") == 0)
            memcpy(&axis, (const char *)c->params + def->offset, sizeof axis);
    axis = axis < 0 ? axis + x->rank : axis;
    return axis >= 0 && axis < x->rank ? x->dim[axis] : 0;
}

// Now and then out of range, on either side.
static void fill_index(venn_rng *rng, int64_t extent, int64_t count, int32_t *data)
{
    const int32_t outside[] = {-1, (int32_t)extent, INT32_MIN, INT32_MAX};
    for (int64_t i = 0; i < count; i++)
        data[i] = extent == 0 || venn_rng_below(rng, 16) == 0
                      ? outside[venn_rng_below(rng, 4)]
                      : (int32_t)venn_rng_below(rng, (uint32_t)extent);
}

// Of the type that the op's table says.
static void fill(const venn_case *c, int i, int64_t count, void *data)
{
    const venn_input_def *def = venn_case_input(c->op, i);
    venn_rng rng = venn_rng_make(c->seed, 0, (uint32_t)i);
    switch (def->domain) {
    case VENN_ANY:
        fill_any(&rng, def->dtype, count, data);
        break;
    case VENN_TIED:
        for (int64_t k = 0; k < count; k++)
            store(def->dtype, data, k, 0.25f * ((float)venn_rng_below(&rng, 13) - 6));
        break;
    case VENN_WEIGHT:
        fill_weight(&rng, &c->shape[i], count, data);
        break;
    case VENN_POSITIVE:
        for (int64_t k = 0; k < count; k++)
            store(def->dtype, data, k, venn_rng_uniform(&rng, 0.5f, 2));
        break;
    case VENN_PROBABILITY:
        fill_probability(&rng, &c->shape[i], def->flags & VENN_IN_NO_GRAD, data);
        break;
    case VENN_CLASS:
        fill_class(&rng, c, def->dtype, count, data);
        break;
    case VENN_INDEX:
        fill_index(&rng, indexed_extent(c), count, data);
        break;
    case VENN_BINARY:
        for (int64_t k = 0; k < count; k++)
            store(def->dtype, data, k, (float)venn_rng_below(&rng, 2));
        break;
    case VENN_RNG:
        for (int64_t k = 0; k < count; k++)
            ((uint32_t *)data)[k] = venn_rng_u32(&rng);
        break;
    }
}

venn_status venn_case_data(const venn_case *c, int i, void *data)
{
    const int64_t count = venn_shape_count(&c->shape[i]);
    if (c->dtype[i] == venn_case_input(c->op, i)->dtype) {
        fill(c, i, count, data);
        return VENN_OK;
    }
    float *wide = venn_alloc((size_t)count, sizeof *wide);
    if (!wide)
        return VENN_NO_MEMORY;
    fill(c, i, count, wide);
    venn_floats_convert(data, c->dtype[i], wide, VENN_F32, (size_t)count);
    free(wide);
    return VENN_OK;
}
