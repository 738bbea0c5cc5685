// Launches of the losses over rows (see loss.h).
#include <stdio.h>

#include "ops/loss.h"
#include "venn/ops.h"

#define VENN_HOST
#include "loss.comp"

enum { MAX_PARTIALS = 1024 };

// How the rows fall to subgroups.
typedef struct split {
    uint32_t groups;   // workgroups
    uint32_t group;    // invocations in one
    uint32_t partials; // subgroups
    uint32_t steps;    // rows that fall to one invocation
} split;

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

static split split_rows(const venn_profile *p, const venn_loss *loss)
{
    const venn_rows *plan = &loss->plan;
    // Steps of one subgroup, were it alone, and the groups of four an invocation would load in them.
    const uint64_t alone = divide_up((uint64_t)loss->rows * plan->lanes, plan->subgroup);
    const uint64_t loads = alone * plan->chunks * plan->held;
    if (loads <= (p->software ? 256 : 16))
        return (split){1, plan->subgroup, 1, (uint32_t)alone};
    const uint32_t in_group = plan->group / plan->subgroup;
    uint64_t groups = divide_up(alone, in_group), most = MAX_PARTIALS / in_group;
    if (most > p->parallelism)
        most = p->parallelism;
    if (groups > most)
        groups = most ? most : 1;
    const uint32_t partials = (uint32_t)groups * in_group;
    return (split){.groups = (uint32_t)groups,
                   .group = plan->group,
                   .partials = partials,
                   .steps = (uint32_t)divide_up(alone, partials)};
}

uint64_t venn_loss_workspace(const venn_profile *profile, const venn_loss *loss)
{
    if (loss->each || loss->rows == 0)
        return 0;
    const uint32_t partials = split_rows(profile, loss).partials;
    return partials > 1 ? (1 + (uint32_t)loss->weighted_mean) * partials * sizeof(float) : 0;
}

static void set_spec(const venn_loss *loss, venn_dispatch *d)
{
    d->spec[5] = loss->plan.subgroup;
    d->spec[6] = loss->each;
    for (int i = 0; i < 3; i++)
        d->spec[7 + i] = loss->spec[i];
    d->spec[10] = loss->weighted_mean;
    d->n_spec = 11;
}

static void bind_all(const venn_node *n, const venn_loss *loss, const venn_value *output,
                     venn_dispatch *d)
{
    const int inputs = n->n_in > loss->inputs ? n->n_in : loss->inputs;
    for (int i = 0; i < n->n_in; i++)
        d->bind[i] = (venn_bind){n->in[i], VENN_READ};
    d->bind[inputs] = (venn_bind){output, VENN_WRITE};
    d->n_bind = inputs + 1;
}

static venn_push_loss push_of(const venn_loss *loss)
{
    return (venn_push_loss){.rows = (uint32_t)loss->rows,
                            .length = (uint32_t)loss->length,
                            .scale = (float)loss->scale,
                            .setting = loss->setting,
                            .extra = {loss->extra[0], loss->extra[1]},
                            .number = loss->number};
}

static uint64_t row_trips(const venn_loss *loss)
{
    return (uint64_t)loss->plan.chunks * (uint64_t)loss->passes;
}

static void record_total(venn_recorder *r, const venn_node *n, const venn_loss *loss,
                         uint32_t partials)
{
    const uint32_t width = loss->plan.subgroup;
    char name[VENN_KERNEL_NAME];
    snprintf(name, sizeof name, "%s%s", loss->total ? loss->total : "loss.total",
             width == 1 ? ".single" : "");
    venn_push_loss push = {.scale = (float)loss->scale,
                           .partials = partials,
                           .steps = (uint32_t)divide_up(partials, width)};
    venn_dispatch d = {.kernel = name,
                       .spec = {width, 1, 1, 1, 0, width, 0, 0, 0, 0, loss->weighted_mean},
                       .n_spec = 11,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{n->workspace, VENN_READ}, {n->out[0], VENN_WRITE}},
                       .n_bind = 2,
                       .groups = {1, 1, 1},
                       .trips = push.steps};
    venn_record_dispatch(r, &d);
}

void venn_loss_record(venn_recorder *r, const venn_node *n, const venn_loss *loss)
{
    if (loss->rows == 0) {
        venn_record_fill(r, n->out[0], 0);
        return;
    }
    split s = split_rows(venn_recorder_profile(r), loss);
    const bool staged = !loss->each && s.partials > 1;
    venn_push_loss push = push_of(loss);
    venn_dispatch d = {.push = &push, .push_size = sizeof push};
    char name[VENN_KERNEL_NAME];
    venn_rows_dispatch(&loss->plan, loss->stem, name, &d);
    set_spec(loss, &d);
    bind_all(n, loss, staged ? n->workspace : n->out[0], &d);
    if (loss->each) {
        s.steps = 1;
        venn_groups_linear(r, loss->rows, loss->plan.group / loss->plan.lanes, d.groups);
    } else {
        d.spec[0] = s.group;
        d.groups[0] = s.groups;
        d.groups[1] = d.groups[2] = 1;
    }
    push.steps = s.steps;
    push.partials = s.partials;
    if (staged)
        push.scale = 1;
    d.trips = s.steps * (1 + row_trips(loss));
    venn_record_dispatch(r, &d);
    if (staged)
        record_total(r, n, loss, s.partials);
}

void venn_loss_record_backward(venn_recorder *r, const venn_node *n, const venn_loss *loss)
{
    if (loss->rows == 0)
        return;
    const venn_push_loss push = push_of(loss);
    venn_dispatch d = {.push = &push, .push_size = sizeof push, .trips = row_trips(loss)};
    char name[VENN_KERNEL_NAME];
    venn_rows_dispatch(&loss->plan, loss->stem, name, &d);
    set_spec(loss, &d);
    bind_all(n, loss, n->out[0], &d);
    venn_groups_linear(r, loss->rows, loss->plan.group / loss->plan.lanes, d.groups);
    venn_record_dispatch(r, &d);
}

static venn_shape leading_shape(const venn_value *x)
{
    venn_shape shape = x->shape;
    shape.dim[--shape.rank] = 0;
    return shape;
}

bool venn_loss_shape(venn_node *n, bool each)
{
    if (n->in[0]->shape.rank == 0 || venn_rows_length(n->in[0]) == 0)
        return venn_node_error(n, "x must be [.., C] with at least one class");
    venn_node_output(n, 0, VENN_F32, each ? leading_shape(n->in[0]) : VENN_SCALAR);
    return true;
}

bool venn_loss_labels_fit(const venn_node *n, int i)
{
    if (n->in[0]->shape.rank == 0)
        return false;
    const venn_shape shape = leading_shape(n->in[0]);
    return venn_shape_equal(&n->in[i]->shape, &shape);
}

bool venn_loss_backward_shape(venn_node *n)
{
    venn_node_output(n, 0, VENN_F32, n->in[0]->shape);
    return true;
}

venn_tensor venn_loss_reduce(venn_graph *g, venn_tensor losses, int64_t count,
                             venn_reduction reduction)
{
    if (reduction == VENN_REDUCE_NONE)
        return losses;
    return reduction == VENN_REDUCE_MEAN && count ? venn_mean(g, losses, NULL)
                                                  : venn_sum(g, losses, NULL);
}
