// mlkd: multi-level logit distillation. Each sample's classes, the likeness of samples and that of classes, at
// several temperatures.
//   loss = ce_weight CE(y, z) + mean over T of (kd_weight T^2 KL(p || q) + batch_weight |p p^T - q q^T|^2 / B
//          + class_weight |p^T p - q^T q|^2 / C), p = softmax(t / T), q = softmax(z / T)
#include "base/status.h"
#include "venn/distill.h"
#include "venn/ops.h"

typedef struct mlkd_params {
    double ce_weight, kd_weight, batch_weight, class_weight, lowest, highest;
    int temperatures;
} mlkd_params;

static const venn_method_param params[] = {
    VENN_PARAM_FLOAT(mlkd_params, ce_weight, 1, 0, 1e6, "weight of the labels' cross-entropy",
                     "Jin et al."),
    VENN_PARAM_FLOAT(mlkd_params, kd_weight, 1, 0, 1e6, "weight of the divergences of samples",
                     "chosen here: all levels alike"),
    VENN_PARAM_FLOAT(mlkd_params, batch_weight, 1, 0, 1e6, "weight of the likeness of samples",
                     "as kd_weight"),
    VENN_PARAM_FLOAT(mlkd_params, class_weight, 1, 0, 1e6, "weight of the likeness of classes",
                     "as kd_weight"),
    VENN_PARAM_FLOAT(mlkd_params, lowest, 2, 1e-3, 1e3, "the first T",
                     "official code, from memory"),
    VENN_PARAM_FLOAT(mlkd_params, highest, 6, 1e-3, 1e3, "the last T",
                     "official code, from memory"),
    VENN_PARAM_INT(mlkd_params, temperatures, 5, 1, 16, "how many T, at equal steps",
                   "official code, from memory: 2 to 6"),
    {0}};

static const venn_method_equation equations[] = {
    {"ce", "CE(y, z)"},
    {"kd", "mean over T of T^2 KL(p || q), p = softmax(t / T), q = softmax(z / T)"},
    {"batch", "mean over T of |p p^T - q q^T|^2 / B, over pairs of samples"},
    {"class", "mean over T of |p^T p - q^T q|^2 / C, over pairs of classes"},
    {"loss", "ce_weight ce + kd_weight kd + batch_weight batch + class_weight class"},
    {0}};

static venn_tensor shares(venn_step *s, venn_tensor logits, float T)
{
    return venn_softmax(s->g, venn_scale(s->g, logits, 1 / T, 0));
}

// |a - b|^2 over the extent of their last axis, for products of p's and q's rows or columns.
static venn_tensor unlike(venn_step *s, venn_tensor p, venn_tensor q, bool columns)
{
    const venn_matmul_params product = {.trans_a = columns, .trans_b = !columns};
    const venn_mse_params sum = {.reduction = VENN_REDUCE_SUM};
    const venn_tensor a = venn_matmul(s->g, p, p, VENN_NONE, &product);
    const venn_tensor b = venn_matmul(s->g, q, q, VENN_NONE, &product);
    const venn_shape shape = venn_tensor_shape(s->g, p);
    return venn_scale(s->g, venn_mse(s->g, b, a, &sum), 1.0f / (float)shape.dim[columns ? 1 : 0],
                      0);
}

typedef enum level { LEVEL_KD, LEVEL_BATCH, LEVEL_CLASS, LEVELS } level;

static void add_levels(venn_step *s, venn_tensor z, venn_tensor t, float T, venn_tensor sum[LEVELS])
{
    const venn_kl_div_params kl = {.temperature = T, .t_squared = true};
    const venn_tensor p = shares(s, t, T), q = shares(s, z, T);
    const venn_tensor value[LEVELS] = {venn_kl_div(s->g, z, t, VENN_NONE, &kl),
                                       unlike(s, p, q, false), unlike(s, p, q, true)};
    for (int i = 0; i < LEVELS; i++)
        sum[i] = sum[i].id ? venn_add(s->g, sum[i], value[i]) : value[i];
}

static venn_tensor loss(void *user, venn_step *s)
{
    static const char *const names[LEVELS] = {"kd", "batch", "class"};
    const venn_job *job = user;
    const mlkd_params *p = job->params;
    const double weight[LEVELS] = {p->kd_weight, p->batch_weight, p->class_weight};
    venn_tensor sum[LEVELS] = {{0}};
    venn_tensor z = venn_step_apply(s, job->student, NULL);
    venn_tensor t = venn_stop_gradient(s->g, venn_step_apply(s, job->teacher, NULL));
    for (int i = 0; i < p->temperatures; i++) {
        const double share = p->temperatures > 1 ? i / (p->temperatures - 1.0) : 0;
        add_levels(s, z, t, (float)(p->lowest + share * (p->highest - p->lowest)), sum);
    }
    venn_tensor total = venn_scale(s->g, venn_step_ce(s, z), (float)p->ce_weight, 0);
    for (int i = 0; i < LEVELS; i++) {
        const venn_tensor mean = venn_scale(s->g, sum[i], 1.0f / (float)p->temperatures, 0);
        venn_step_term(s, names[i], mean);
        total = venn_add(s->g, total, venn_scale(s->g, mean, (float)weight[i], 0));
    }
    return total;
}

const venn_method venn_method_mlkd = {
    .name = "mlkd",
    .summary =
        "CE(y, z), and at several temperatures KL(p || q), and the likeness of samples p p^T and "
        "of classes p^T p",
    .reference = "Jin, Wang, Lin: Multi-Level Logit Distillation, CVPR 2023",
    .status = "baseline",
    .needs = VENN_NEEDS_TEACHER,
    .equations = equations,
    .params_size = sizeof(mlkd_params),
    .params = params,
    .objective = {.loss = loss},
};
