// Squared distances of all pairs of rows (see pairwise_squares.h), and the gradient.
#include "ops/divisor.h"
#include "ops/pairwise_squares.h"

#define VENN_HOST
#include "pairwise_distance.comp"

// Terms per launch: loop limits, and a multiple of 4.
enum { TERMS = 16384, TILE = 4 };

typedef struct pairs {
    int64_t batch, rows, columns, length; // a: [batch, rows, length], b: [batch, columns, length]
} pairs;

static pairs pairs_of(const venn_node *n)
{
    const venn_shape *a = &n->in[0]->shape, *b = &n->in[1]->shape;
    pairs p = {1, a->dim[a->rank - 2], b->dim[b->rank - 2], a->dim[a->rank - 1]};
    for (int axis = 0; axis < a->rank - 2; axis++)
        p.batch *= a->dim[axis];
    return p;
}

static int64_t ceil_div(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

// Launches over all `terms` of the sums. `beside`: tiles beside each other.
static void launch(venn_recorder *r, const venn_node *n, const char *kernel, int64_t terms,
                   int64_t beside, venn_push_pairwise_distance push)
{
    const venn_profile *profile = venn_recorder_profile(r);
    const pairs p = pairs_of(n);
    const int64_t below = ceil_div(p.rows, TILE);
    push.units = (uint32_t)(p.batch * below * beside);
    push.rows = (uint32_t)p.rows;
    push.columns = (uint32_t)p.columns;
    push.length = (uint32_t)p.length;
    venn_divisor(beside, push.divisor);
    venn_divisor(below, push.divisor + 3);
    for (int64_t first = 0; first < terms; first += TERMS) {
        push.first = (uint32_t)first;
        push.last = (uint32_t)(first + TERMS < terms ? first + TERMS : terms);
        venn_dispatch d = {.kernel = kernel,
                           .spec = {profile->elementwise_group, p.length % 4 == 0},
                           .n_spec = 2,
                           .push = &push,
                           .push_size = sizeof push,
                           .n_bind = n->n_in + 1,
                           .trips = TERMS};
        for (int i = 0; i < n->n_in; i++)
            d.bind[i] = (venn_bind){n->in[i], VENN_READ};
        d.bind[n->n_in] = (venn_bind){n->out[0], first ? VENN_UPDATE : VENN_WRITE};
        venn_groups_linear(r, push.units, profile->elementwise_group, d.groups);
        venn_record_dispatch(r, &d);
    }
}

// ---- Backward --------------------------------------------------------------------------------

typedef struct backward_params {
    bool transposed; // w [.., M, N]; false: [.., N, M]
} backward_params;

static bool backward_shape(venn_node *n)
{
    venn_node_output(n, 0, VENN_F32, n->in[0]->shape);
    return true;
}

static void backward_record(venn_recorder *r, const venn_node *n)
{
    const pairs p = pairs_of(n);
    const bool transposed = ((const backward_params *)n->params)->transposed;
    const venn_push_pairwise_distance push = {
        .w_row = (uint32_t)(transposed ? 1 : p.columns),
        .w_column = (uint32_t)(transposed ? p.rows : 1),
    };
    if (p.columns == 0)
        venn_record_fill(r, n->out[0], 0);
    launch(r, n,
           venn_recorder_profile(r)->texel_loads ? "pairwise_distance.backward.texel"
                                                 : "pairwise_distance.backward",
           p.columns, p.length % 4 ? p.length : p.length / 4, push);
}

static void pairs_cost(const venn_node *n, venn_cost *cost)
{
    const pairs p = pairs_of(n);
    cost->flops = 3.0 * (double)(p.batch * p.rows * p.columns * p.length);
    for (int i = 0; i < n->n_in; i++)
        cost->bytes += 4.0 * (double)n->in[i]->count;
    cost->bytes += 4.0 * (double)n->out[0]->count;
}

static const venn_op_desc backward = {
    .name = "pairwise_squares.backward",
    .summary = "y[i] = 2 sum over j of w[i, j] (a[i] - b[j])",
    .inputs = {{"a"}, {"b"}, {"w"}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(backward_params),
    .shape = backward_shape,
    .record = backward_record,
    .cost = pairs_cost,
};

// ---- Forward ---------------------------------------------------------------------------------

static bool shape(venn_node *n)
{
    venn_shape y = n->in[0]->shape;
    y.dim[y.rank - 1] = pairs_of(n).columns;
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

static void record(venn_recorder *r, const venn_node *n)
{
    const pairs p = pairs_of(n);
    if (p.length == 0)
        venn_record_fill(r, n->out[0], 0);
    launch(r, n,
           venn_recorder_profile(r)->texel_loads ? "pairwise_distance.forward.texel"
                                                 : "pairwise_distance.forward",
           p.length, ceil_div(p.columns, TILE), (venn_push_pairwise_distance){0});
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    for (int i = 0; i < 2; i++)
        if (need >> i & 1) {
            const venn_tensor in[] = {venn_in(n, i), venn_in(n, 1 - i), dy[0]};
            dx[i] = venn_op_apply(g, &backward, in, 3, &(backward_params){i == 1}, NULL);
        }
}

static const venn_op_desc squares = {
    .name = "pairwise_squares",
    .summary = "y[i, j] = |a[i] - b[j]|^2",
    .inputs = {{"a"}, {"b"}},
    .n_inputs = 2,
    .n_outputs = 1,
    .shape = shape,
    .record = record,
    .gradient = gradient,
    .cost = pairs_cost,
};

venn_tensor venn_pairwise_squares(venn_graph *g, venn_tensor a, venn_tensor b)
{
    return venn_op_apply(g, &squares, (venn_tensor[]){a, b}, 2, NULL, NULL);
}
