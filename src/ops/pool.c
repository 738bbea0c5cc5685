// Geometry and references of pools (see pool.h).
#include <math.h>

#include "ops/pool.h"

venn_pool venn_pool_of(const venn_node *n, venn_pool_fields f)
{
    venn_pool p = {.x = n->in[0]->shape};
    p.planes = p.x.dim[0] * p.x.dim[1];
    for (int axis = 0; axis < VENN_POOL_AXES; axis++) {
        const int i = axis - (VENN_POOL_AXES - f.rank);
        p.in[axis] = i < 0 ? 1 : p.x.dim[2 + i];
        p.kernel[axis] = i >= 0 && f.kernel[i] ? f.kernel[i] : 1;
        p.stride[axis] = i >= 0 && f.stride[i] ? f.stride[i] : p.kernel[axis];
        p.pad[axis] = i < 0 ? 0 : f.pad[i];
        const int64_t reach = p.in[axis] + 2 * p.pad[axis] - p.kernel[axis];
        p.out[axis] = reach < 0 ? 0 : reach / p.stride[axis] + 1;
    }
    return p;
}

bool venn_pool_shape(venn_node *n, venn_pool_fields f)
{
    static const char *const form[] = {"[B, C, L]", "[B, C, H, W]", "[B, C, D, H, W]"};
    const venn_shape *x = &n->in[0]->shape;
    if (x->rank != 2 + f.rank)
        return venn_node_error(n, "x must be %s", form[f.rank - 1]);
    for (int i = 0; i < f.rank; i++)
        if (f.kernel[i] < 0 || f.stride[i] < 0 || f.pad[i] < 0)
            return venn_node_error(n, "kernel, stride and pad must not be negative");
    const venn_pool p = venn_pool_of(n, f);
    venn_shape y = {.rank = x->rank, .dim = {x->dim[0], x->dim[1]}};
    for (int i = 0; i < f.rank; i++) {
        const int axis = VENN_POOL_AXES - f.rank + i;
        y.dim[2 + i] = p.out[axis];
        if (2 * p.pad[axis] > p.kernel[axis])
            return venn_node_error(n, "pad=%d is more than half the kernel", (int)f.pad[i]);
        if (p.out[axis] < 1)
            return venn_node_error(n, "the kernel is larger than the padded image");
    }
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

void venn_pool_cost(const venn_node *n, const venn_pool *p, venn_cost *cost)
{
    cost->flops = (double)(p->planes * venn_pool_volume(p->out) * venn_pool_volume(p->kernel));
    cost->bytes = 0;
    for (int i = 0; i < n->n_in; i++)
        cost->bytes += 4.0 * (double)n->in[i]->count;
    for (int i = 0; i < n->n_out; i++)
        cost->bytes += 4.0 * (double)n->out[i]->count;
}

// ---- Reference -------------------------------------------------------------------------------

// The input in element t of the window of output iy; -1 in the padding.
static int64_t input_of(const venn_pool *p, int64_t iy, int64_t t)
{
    int64_t ix = 0, step = 1;
    for (int axis = VENN_POOL_AXES - 1; axis >= 0; axis--) {
        const int64_t at = iy % p->out[axis] * p->stride[axis] + t % p->kernel[axis] - p->pad[axis];
        if (at < 0 || at >= p->in[axis])
            return -1;
        ix += at * step;
        step *= p->in[axis];
        iy /= p->out[axis];
        t /= p->kernel[axis];
    }
    return ix + iy * step; // iy: the plane
}

void venn_pool_each(const venn_ref *r, const venn_pool *p, venn_pool_fn fn)
{
    const int64_t outputs = p->planes * venn_pool_volume(p->out);
    for (int64_t iy = 0; iy < outputs; iy++)
        for (int64_t t = 0; t < venn_pool_volume(p->kernel); t++) {
            const int64_t ix = input_of(p, iy, t);
            if (ix >= 0)
                fn(r, p, iy, ix);
        }
}

int64_t venn_pool_best(const venn_ref *r, const venn_pool *p, int64_t iy)
{
    int64_t best = -1;
    for (int64_t t = 0; t < venn_pool_volume(p->kernel); t++) {
        const int64_t ix = input_of(p, iy, t);
        if (ix >= 0 && (best < 0 || r->x[0][ix] > r->x[0][best] || isnan(r->x[0][ix])))
            best = ix;
    }
    return best;
}

void venn_pool_max_ref(const venn_ref *r, const venn_pool *p)
{
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->y[0][i] = r->x[0][venn_pool_best(r, p, i)];
}

void venn_pool_max_ref_grad(const venn_ref *r, const venn_pool *p)
{
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->dx[0][venn_pool_best(r, p, i)] += r->dy[0][i];
}

static void add_forward(const venn_ref *r, const venn_pool *p, int64_t iy, int64_t ix)
{
    r->y[0][iy] += r->x[0][ix] / (double)venn_pool_volume(p->kernel);
}

static void add_gradient(const venn_ref *r, const venn_pool *p, int64_t iy, int64_t ix)
{
    r->dx[0][ix] += r->dy[0][iy] / (double)venn_pool_volume(p->kernel);
}

void venn_pool_avg_ref(const venn_ref *r, const venn_pool *p)
{
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->y[0][i] = 0;
    venn_pool_each(r, p, add_forward);
}

void venn_pool_avg_ref_grad(const venn_ref *r, const venn_pool *p)
{
    venn_pool_each(r, p, add_gradient);
}
