// matmul: y = act(op(a) op(b) + bias), op transposing or not, for one or more pairs of matrices
//         dz = dy act'(y), da = dz op(b)^T, db = op(a)^T dz (or their transposes), dbias = sum of dz
#include "ops/gemm.h"
#include "venn/ops.h"

#define VENN_HOST
#include "matmul.comp"
#undef VENN_HOST

// The product as kernels see it: shapes and, per operand, the distance of rows and of k's.
typedef struct product {
    venn_gemm gemm;
    int64_t a_row, a_k, a_batch, b_k, b_col, b_batch;
    bool shared_b; // b has no batch axes: the batch joins m
} product;

// Of a product that does others' work as well: the gate is input 3, sums are output 1.
typedef struct joined_params {
    venn_matmul_params plain; // first: what params_of gives
    int gate_act;
    enum { NO_SUMS, SUMS_OF_A, SUMS_OF_B } sums; // gemm_shuffle.glsl: GEMM_SUMS
} joined_params;

static const venn_matmul_params *params_of(const venn_node *n)
{
    return n->params;
}

static const venn_op_desc joined;

static joined_params joined_of(const venn_node *n)
{
    return n->op == &joined ? *(const joined_params *)n->params
                            : (joined_params){.plain = *params_of(n)};
}

static product product_of(const venn_node *n)
{
    const venn_matmul_params *p = params_of(n);
    const venn_shape *a = &n->in[0]->shape, *b = &n->in[1]->shape;
    product o = {0};
    o.gemm.m = a->dim[a->rank - (p->trans_a ? 1 : 2)];
    o.gemm.k = a->dim[a->rank - (p->trans_a ? 2 : 1)];
    o.gemm.n = b->dim[b->rank - (p->trans_b ? 2 : 1)];
    o.gemm.batch = 1;
    for (int i = 0; i < a->rank - 2; i++)
        o.gemm.batch *= a->dim[i];
    static const char *const names[] = {"matmul.nn", "matmul.nt", "matmul.tn", "matmul.tt"};
    o.gemm.name = names[2 * p->trans_a + p->trans_b];
    o.gemm.type = n->in[0]->dtype == n->in[1]->dtype ? n->in[0]->dtype : VENN_F32;
    o.shared_b = b->rank == 2;
    o.a_row = p->trans_a ? 1 : o.gemm.k;
    o.a_k = p->trans_a ? o.gemm.m : 1;
    o.b_k = p->trans_b ? 1 : o.gemm.n;
    o.b_col = p->trans_b ? o.gemm.k : 1;
    o.a_batch = o.gemm.m * o.gemm.k;
    o.b_batch = o.gemm.k * o.gemm.n;
    if (o.shared_b) {
        o.gemm.m *= o.gemm.batch;
        o.gemm.batch = 1;
    }
    return o;
}

static bool shape(venn_node *n)
{
    const venn_matmul_params *p = params_of(n);
    const venn_shape *a = &n->in[0]->shape, *b = &n->in[1]->shape;
    if (a->rank < 2 || b->rank < 2)
        return venn_node_error(n, "a and b must be matrices");
    if (b->rank > 2 && b->rank != a->rank)
        return venn_node_error(n, "a and b must have the same leading axes, or b none");
    if (b->rank == 2 && a->rank > 2 && p->trans_a)
        return venn_node_error(n, "with trans_a, b must have the leading axes of a");
    for (int i = 0; b->rank > 2 && i < a->rank - 2; i++)
        if (a->dim[i] != b->dim[i])
            return venn_node_error(n, "the leading axes of a and b differ");
    const int64_t k = b->dim[b->rank - (p->trans_b ? 1 : 2)];
    venn_shape y = *a;
    y.dim[a->rank - 2] = a->dim[a->rank - (p->trans_a ? 1 : 2)];
    y.dim[a->rank - 1] = b->dim[b->rank - (p->trans_b ? 2 : 1)];
    if (a->dim[a->rank - (p->trans_a ? 2 : 1)] != k)
        return venn_node_error(n, "the inner extents of a and b differ%s%s",
                               p->trans_a ? ", with trans_a" : "",
                               p->trans_b ? ", with trans_b" : "");
    if (n->in[2] && (n->in[2]->shape.rank != 1 || n->in[2]->shape.dim[0] != y.dim[a->rank - 1]))
        return venn_node_error(n, "bias must be [N]");
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

// Which operands are copied into panels first: floats of each, 0 for none. a's come first.
typedef struct panels {
    int64_t a, b;
} panels;

// An operand whose k's are far apart, if the product goes over it often.
static panels plan_panels(const product *p, const venn_gemm_plan *plan)
{
    enum { FAR = 1024, OFTEN = 16, DEEP = 64 }; // elements, tiles, k's
    panels pack = {0};
    const venn_gemm *o = &p->gemm;
    const bool always = plan->panels == VENN_PANELS_ALWAYS;
    if (plan->family != VENN_FAMILY_SHUFFLE || plan->parts > 1 || o->batch != 1 || o->m == 0 ||
        o->n == 0 || o->k < (always ? 1 : DEEP) || plan->panels == VENN_PANELS_NEVER)
        return pack;
    if (p->a_row == 1 && o->m % 4 == 0 && plan->tile_m > 16 &&
        (always || (p->a_k >= FAR && plan->tiles_n >= OFTEN)))
        pack.a = venn_gemm_panel_floats(o->k, o->m, plan->tile_m);
    if (p->b_col == 1 && o->n % 4 == 0 && (always || (p->b_k >= FAR && plan->tiles_m >= OFTEN)))
        pack.b = venn_gemm_panel_floats(o->k, o->n, plan->tile_n);
    return pack;
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    const product p = product_of(n);
    const venn_gemm_plan plan = venn_gemm_make_plan(profile, &p.gemm);
    const panels pack = plan_panels(&p, &plan);
    return venn_gemm_workspace(&plan, &p.gemm) + 4 * (uint64_t)(pack.a + pack.b);
}

static void record_panels(venn_recorder *r, const venn_node *n, const product *p,
                          const venn_gemm_plan *plan, const panels *pack, venn_dispatch *d,
                          venn_push_matmul *push)
{
    if (pack->a) {
        venn_gemm_pack(r, n->in[0], p->gemm.k, p->gemm.m, plan->tile_m, n->workspace, 0);
        d->bind[0].value = n->workspace;
        push->a_panel = (uint32_t)p->gemm.k * plan->tile_m;
        push->a_k = plan->tile_m;
    }
    if (pack->b) {
        venn_gemm_pack(r, n->in[1], p->gemm.k, p->gemm.n, plan->tile_n, n->workspace, pack->a);
        d->bind[1].value = n->workspace;
        push->b_panel = (uint32_t)p->gemm.k * plan->tile_n;
        push->b_k = plan->tile_n;
        push->b_start = (uint32_t)pack->a;
    }
}

// Specialization constants of gemm_shuffle.glsl and matmul.comp.
static void specialize_shuffle(venn_dispatch *d, const venn_gemm_plan *plan, const product *p,
                               int act, uint32_t sums)
{
    enum { SINGLE, FOUR_K, FOUR_ROWS_OR_COLUMNS };
    uint32_t a_mode = SINGLE, b_mode = SINGLE;
    if (p->a_k == 1 && p->gemm.k % 4 == 0)
        a_mode = FOUR_K;
    else if (p->a_row == 1 && p->gemm.m % 4 == 0 && plan->tile_m > 16)
        a_mode = FOUR_ROWS_OR_COLUMNS;
    if (p->b_k == 1 && p->gemm.k % 4 == 0)
        b_mode = FOUR_K;
    else if (p->b_col == 1 && p->gemm.n % 4 == 0)
        b_mode = FOUR_ROWS_OR_COLUMNS;
    const uint32_t spec[] = {
        plan->local_size, plan->tile_m,       plan->k_step, a_mode, p->gemm.k % plan->k_step != 0,
        (uint32_t)act,    p->gemm.n % 4 == 0, b_mode,       sums};
    d->kernel = "matmul.shuffle";
    d->n_spec = sizeof spec / sizeof *spec;
    for (int i = 0; i < d->n_spec; i++)
        d->spec[i] = spec[i];
}

// Specialization constants of gemm_coop.glsl.
static void specialize_coop(const venn_profile *profile, venn_dispatch *d,
                            const venn_gemm_plan *plan, const product *p, int act)
{
    static const char *const kernels[] = {"", "matmul.coop_khr", "matmul.coop_nv",
                                          "matmul.coop_emulated"};
    const venn_matrix_units *units = &profile->matrix;
    const bool a_k_fast = p->a_k == 1, b_k_fast = p->b_k == 1;
    const uint32_t spec[] = {plan->local_size,
                             units->m,
                             units->n,
                             units->k,
                             (uint32_t)act,
                             plan->tile_m / 2,
                             a_k_fast,
                             b_k_fast,
                             (a_k_fast ? p->gemm.k : p->gemm.m) % 4 == 0,
                             (b_k_fast ? p->gemm.k : p->gemm.n) % 4 == 0,
                             p->gemm.n % 4 == 0};
    d->kernel = kernels[units->api];
    d->n_spec = sizeof spec / sizeof *spec;
    for (int i = 0; i < d->n_spec; i++)
        d->spec[i] = spec[i];
}

static void specialize_tile(venn_dispatch *d, const venn_gemm_plan *plan, const product *p, int act)
{
    const uint32_t spec[] = {plan->local_size, plan->wide, p->a_k == 1, p->b_k == 1, (uint32_t)act};
    d->kernel = plan->family == VENN_FAMILY_TILE ? "matmul.tile" : "matmul.direct";
    d->n_spec = sizeof spec / sizeof *spec;
    for (int i = 0; i < d->n_spec; i++)
        d->spec[i] = spec[i];
}

static void specialize(const venn_profile *profile, venn_dispatch *d, const venn_gemm_plan *plan,
                       const product *p, int act, const joined_params *with)
{
    enum { GATE = VENN_MAX_SPEC - 1 };
    if (plan->family == VENN_FAMILY_SHUFFLE)
        specialize_shuffle(d, plan, p, act, with->sums);
    else if (plan->family == VENN_FAMILY_COOP)
        specialize_coop(profile, d, plan, p, act);
    else
        specialize_tile(d, plan, p, act);
    if (plan->parts == 1 && with->gate_act) {
        d->n_spec = VENN_MAX_SPEC;
        d->spec[GATE] = (uint32_t)with->gate_act;
    }
}

static void record(venn_recorder *r, const venn_node *n)
{
    const joined_params with = joined_of(n);
    const venn_gemm_end end = {.bias = n->in[2],
                               .gate = with.gate_act ? n->in[3] : NULL,
                               .act = (int)with.plain.act,
                               .gate_act = with.gate_act};
    const product p = product_of(n);
    const venn_gemm_plan plan = venn_gemm_make_plan(venn_recorder_profile(r), &p.gemm);
    const bool split = plan.parts > 1;
    const int act = split ? VENN_ACT_NONE : (int)params_of(n)->act;
    venn_push_matmul push = {.a_row = (uint32_t)p.a_row,
                             .a_k = (uint32_t)p.a_k,
                             .a_batch = (uint32_t)p.a_batch,
                             .b_k = (uint32_t)p.b_k,
                             .b_col = (uint32_t)p.b_col,
                             .b_batch = (uint32_t)p.b_batch,
                             .y_part = (uint32_t)venn_gemm_part_stride(&p.gemm),
                             .has_bias = !split && n->in[2]};
    venn_dispatch d = {.push = &push,
                       .push_size = sizeof push,
                       .bind = {{n->in[0], VENN_READ},
                                {n->in[1], VENN_READ},
                                {split ? NULL : n->in[2], VENN_READ},
                                {split ? n->workspace : n->out[0], VENN_WRITE},
                                {split ? NULL : end.gate, VENN_READ},
                                {with.sums ? n->out[1] : NULL, VENN_WRITE}},
                       .n_bind = 6,
                       .trips = plan.trips};
    const panels pack = plan_panels(&p, &plan);
    record_panels(r, n, &p, &plan, &pack, &d, &push);
    venn_gemm_grid(r, &plan, &p.gemm, &push.m, d.groups);
    specialize(venn_recorder_profile(r), &d, &plan, &p, act, &with);
    venn_record_dispatch(r, &d);
    if (split)
        venn_gemm_reduce(r, n->workspace, &end, n->out[0], p.gemm.n, plan.parts,
                         venn_gemm_part_stride(&p.gemm));
}

// ---- Joining ---------------------------------------------------------------------------------

static bool join_mask(const venn_node *mask, venn_node *host, joined_params *with)
{
    if (with->gate_act)
        return false;
    with->gate_act = *(const int *)mask->params;
    host->in[3] = mask->in[0];
    host->n_in = 4;
    host->out[0] = mask->out[0];
    return true;
}

static bool is_matrix_of(const venn_value *operand, const venn_value *dz)
{
    return operand->shape.rank == 2 && venn_value_root(operand) == venn_value_root(dz) &&
           operand->shape.dim[1] == dz->shape.dim[dz->shape.rank - 1];
}

// Sums over the batch of what a weight gradient multiplies: k runs over rows of the operand.
static bool join_bias(const venn_profile *profile, const venn_node *bias, venn_node *host,
                      joined_params *with)
{
    const venn_value *dz = bias->in[0];
    const product p = product_of(host);
    const venn_gemm_plan plan = venn_gemm_make_plan(profile, &p.gemm);
    if (with->sums || *(const int *)bias->params != dz->shape.rank - 1 ||
        plan.family != VENN_FAMILY_SHUFFLE || plan.parts > 1 || p.gemm.batch != 1 ||
        p.gemm.m == 0 || p.gemm.n == 0)
        return false;
    if (with->plain.trans_a && is_matrix_of(host->in[0], dz))
        with->sums = SUMS_OF_A;
    else if (!with->plain.trans_b && is_matrix_of(host->in[1], dz))
        with->sums = SUMS_OF_B;
    else
        return false;
    host->out[1] = bias->out[0];
    host->n_out = 2;
    return true;
}

static bool join(const venn_profile *profile, const venn_node *guest, venn_node *host, void *params)
{
    joined_params *with = params;
    *with = joined_of(host);
    if (guest->op != &venn_gemm_mask_op && guest->op != &venn_gemm_bias_op)
        return false;
    const bool is_mask = guest->op == &venn_gemm_mask_op;
    if (!(is_mask ? join_mask(guest, host, with) : join_bias(profile, guest, host, with)))
        return false;
    host->op = &joined;
    return true;
}

// [.., M, K] as [.. M, K].
static venn_tensor flatten(venn_graph *g, const venn_value *v, venn_tensor t)
{
    const int64_t last = v->shape.dim[v->shape.rank - 1];
    int64_t rows = 1;
    for (int i = 0; i < v->shape.rank - 1; i++)
        rows *= v->shape.dim[i];
    return v->shape.rank == 2 ? t : venn_reshape(g, t, venn_shape_make((int64_t[]){rows, last}, 2));
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    const venn_matmul_params *p = params_of(n);
    const venn_tensor a = venn_in(n, 0), b = venn_in(n, 1);
    const venn_tensor dz = venn_gemm_mask(g, venn_out(n, 0), dy[0], (int)p->act);
    if (need & 1) {
        venn_matmul_params left = {.trans_b = !p->trans_b}, right = {p->trans_b, true, 0};
        dx[0] = p->trans_a ? venn_matmul(g, b, dz, VENN_NONE, &right)
                           : venn_matmul(g, dz, b, VENN_NONE, &left);
    }
    if (need & 2) {
        const bool flat = n->in[1]->shape.rank == 2 && !p->trans_a;
        const venn_tensor x = flat ? flatten(g, n->in[0], a) : a;
        const venn_tensor z = flat ? flatten(g, n->out[0], dz) : dz;
        venn_matmul_params plain = {.trans_a = !p->trans_a}, flipped = {true, p->trans_a, 0};
        dx[1] = p->trans_b ? venn_matmul(g, z, x, VENN_NONE, &flipped)
                           : venn_matmul(g, x, z, VENN_NONE, &plain);
    }
    if (need & 4)
        dx[2] = venn_gemm_bias_gradient(g, dz, n->out[0]->shape.rank - 1);
}

static void ref(const venn_ref *r)
{
    const product p = product_of(r->node);
    for (int64_t s = 0; s < p.gemm.batch; s++)
        for (int64_t i = 0; i < p.gemm.m; i++)
            for (int64_t j = 0; j < p.gemm.n; j++) {
                double sum = r->x[2] ? r->x[2][j] : 0;
                for (int64_t k = 0; k < p.gemm.k; k++)
                    sum += r->x[0][s * p.a_batch + i * p.a_row + k * p.a_k] *
                           r->x[1][s * p.b_batch + k * p.b_k + j * p.b_col];
                r->y[0][(s * p.gemm.m + i) * p.gemm.n + j] =
                    venn_gemm_act(sum, (int)params_of(r->node)->act);
            }
}

static void ref_grad(const venn_ref *r)
{
    const product p = product_of(r->node);
    for (int64_t s = 0; s < p.gemm.batch; s++)
        for (int64_t i = 0; i < p.gemm.m; i++)
            for (int64_t j = 0; j < p.gemm.n; j++) {
                const int64_t at = (s * p.gemm.m + i) * p.gemm.n + j;
                const double dz =
                    r->dy[0][at] * venn_gemm_act_slope(r->y[0][at], (int)params_of(r->node)->act);
                for (int64_t k = 0; k < p.gemm.k; k++) {
                    const int64_t ia = s * p.a_batch + i * p.a_row + k * p.a_k;
                    const int64_t ib = s * p.b_batch + k * p.b_k + j * p.b_col;
                    if (r->dx[0])
                        r->dx[0][ia] += dz * r->x[1][ib];
                    if (r->dx[1])
                        r->dx[1][ib] += dz * r->x[0][ia];
                }
                if (r->dx[2])
                    r->dx[2][j] += dz;
            }
}

static void cost(const venn_node *n, venn_cost *cost)
{
    const product p = product_of(n);
    cost->flops =
        2.0 * (double)p.gemm.batch * (double)p.gemm.m * (double)p.gemm.n * (double)p.gemm.k;
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->in[1]->count + n->out[0]->count);
}

// Matrix units may drop bits of what they add where a plain sum would round.
static double rounding(const venn_profile *profile, const venn_node *n, bool is_gradient)
{
    (void)is_gradient; // products, too
    const product p = product_of(n);
    const bool plain = profile->matrix.api == VENN_MATRIX_EMULATED;
    return venn_gemm_is_coop(profile, &p.gemm) && !plain ? 16 : 1;
}

static const venn_param_def params[] = {
    {"trans_a", VENN_PARAM_BOOL, offsetof(venn_matmul_params, trans_a),
     .doc = "a holds [.., K, M]"},
    {"trans_b", VENN_PARAM_BOOL, offsetof(venn_matmul_params, trans_b),
     .doc = "b holds [.., N, K]"},
    {"act", VENN_PARAM_ENUM, offsetof(venn_matmul_params, act), .names = venn_activation_names,
     .doc = "activation of the result (default none)"},
    {NULL}};

const venn_op_desc venn_op_matmul = {
    .name = "matmul",
    .summary = "y = act(op(a) op(b) + bias)",
    .inputs = {{"a"}, {"b"}, {"bias", .flags = VENN_IN_OPTIONAL}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_matmul_params),
    .params = params,
    .shape = shape,
    .record = record,
    .workspace = workspace,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .rounding = rounding,
    .join = join,
};

static const venn_op_desc joined = {
    .name = "matmul",
    .summary = "a product that masks what it stores, or sums what it reads",
    .inputs = {{"a"},
               {"b"},
               {"bias", .flags = VENN_IN_OPTIONAL},
               {"gate", .flags = VENN_IN_OPTIONAL}},
    .n_inputs = 4,
    .n_outputs = 2,
    .params_size = sizeof(joined_params),
    .record = record,
    .workspace = workspace,
    .cost = cost,
    .join = join,
};

venn_tensor venn_matmul(venn_graph *g, venn_tensor a, venn_tensor b, venn_tensor bias,
                        const venn_matmul_params *p)
{
    venn_tensor in[] = {a, b, bias};
    return venn_op_apply(g, &venn_op_matmul, in, 3, p, NULL);
}
