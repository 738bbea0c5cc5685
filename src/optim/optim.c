// Optimizers: one entry per parameter, with the state variables that its kind wants. The entries are in
// the order of the groups; a frozen one has no state. All arithmetic is in the ops (sgd, adam); here
// the graph is put together and the two scalars of each step are fed.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "graph/graph_internal.h"
#include "optim/optim_internal.h"
#include "venn/ops.h"

const char *venn_optim_kind_name(venn_optim_kind kind)
{
    static const char *const name[] = {"sgd", "adam", "adamw"};
    return name[kind];
}

// ---- Create and destroy ----------------------------------------------------------------------

static venn_status check_number(const char *field, double value, double below)
{
    if (!(value >= 0 && value < below))
        return venn_fail(VENN_BAD_ARG, "optimizer: %s is %g, must be at least 0%s", field, value,
                         below == 1 ? " and below 1" : " and finite");
    return VENN_OK;
}

static venn_status check_params(const venn_optim_params *p)
{
    if ((int)p->kind < VENN_OPTIM_SGD || p->kind > VENN_OPTIM_ADAMW)
        return venn_fail(VENN_BAD_ARG, "optimizer: no such kind, %d", (int)p->kind);
    VENN_TRY(check_number("lr", p->lr, INFINITY));
    VENN_TRY(check_number("momentum", p->momentum, 1));
    VENN_TRY(check_number("beta1", fmaxf(p->beta1, 0), 1));
    VENN_TRY(check_number("beta2", fmaxf(p->beta2, 0), 1));
    VENN_TRY(check_number("eps", p->eps, INFINITY));
    VENN_TRY(check_number("weight_decay", p->weight_decay, INFINITY));
    VENN_TRY(check_number("clip_norm", p->clip_norm, INFINITY));
    VENN_TRY(check_number("clip_value", p->clip_value, INFINITY));
    VENN_TRY(check_number("loss_scale", p->loss_scale, INFINITY));
    if (p->kind == VENN_OPTIM_SGD && p->nesterov && p->momentum == 0)
        return venn_fail(VENN_BAD_ARG, "optimizer: nesterov needs momentum above 0");
    return venn_schedule_check(&p->schedule);
}

static venn_status check_group(const venn_optim *o, const venn_optim_group *group, size_t index)
{
    VENN_TRY(check_number("lr_scale of a group", group->lr_scale, INFINITY));
    if (!isfinite(group->weight_decay))
        return venn_fail(VENN_BAD_ARG, "optimizer: weight_decay of group %zu is not finite", index);
    for (size_t i = 0; i < group->n; i++) {
        const venn_var *var = group->vars[i];
        if (!var)
            return venn_fail(VENN_BAD_ARG, "optimizer: variable %zu of group %zu is missing", i,
                             index);
        if (venn_var_dtype(var) != VENN_F32)
            return venn_fail(VENN_BAD_ARG, "optimizer: %s is %s, only f32 can be trained",
                             venn_var_name(var), venn_dtype_name(venn_var_dtype(var)));
        bool known = false;
        for (size_t k = 0; k < o->n; k++)
            known |= o->entries[k].var == var;
        for (size_t k = 0; k < i; k++)
            known |= group->vars[k] == var;
        if (known)
            return venn_fail(VENN_BAD_ARG, "optimizer: %s is given twice", venn_var_name(var));
    }
    return VENN_OK;
}

static venn_status create_state(optim_entry *e, venn_device *device, int slot, const char *suffix)
{
    char *name = venn_format("%s.%s", venn_var_name(e->var), suffix);
    if (!name)
        return VENN_NO_MEMORY;
    venn_status status =
        venn_var_create(&e->state[slot], device, name, VENN_F32, venn_var_shape(e->var));
    free(name);
    return status;
}

// All first states side by side in memory, then all second ones, as the parameters of a net are: one launch
// can then update all. In the table of states those of a parameter are neighbours.
static venn_status create_states(venn_optim *o, venn_device *device)
{
    static const char *const suffix[][2] = {{"velocity"}, {"m", "v"}};
    const bool sgd = o->params.kind == VENN_OPTIM_SGD;
    const int n_slots = !sgd ? 2 : o->params.momentum != 0;
    venn_var **vars = venn_alloc(o->n + 1, sizeof(venn_var *));
    venn_status status = vars ? VENN_OK : VENN_NO_MEMORY;
    for (size_t i = 0; i < o->n; i++)
        o->n_states += o->entries[i].frozen ? 0 : (size_t)n_slots;
    for (int slot = 0; slot < n_slots && status == VENN_OK; slot++) {
        size_t n = 0;
        for (size_t i = 0; i < o->n && status == VENN_OK; i++) {
            optim_entry *e = &o->entries[i];
            if (e->frozen)
                continue;
            status = create_state(e, device, slot, suffix[!sgd][slot]);
            o->states[n * (size_t)n_slots + (size_t)slot] = vars[n] = e->state[slot];
            n++;
        }
        if (status == VENN_OK)
            status = venn_vars_gather(n, vars);
    }
    free(vars);
    return status;
}

static venn_status add_group(venn_optim *o, const venn_optim_group *group, size_t index)
{
    VENN_TRY(check_group(o, group, index));
    for (size_t i = 0; i < group->n; i++) {
        optim_entry *e = &o->entries[o->n++];
        *e = (optim_entry){.var = group->vars[i],
                           .lr_scale = group->lr_scale,
                           .weight_decay = group->weight_decay != 0 ? fmaxf(group->weight_decay, 0)
                                                                    : o->params.weight_decay,
                           .frozen = group->frozen};
    }
    return VENN_OK;
}

static venn_status fill(venn_optim *o, venn_device *device, const venn_optim_params *params,
                        size_t n_groups, const venn_optim_group *groups)
{
    size_t n = 0;
    if (params)
        o->params = *params;
    VENN_TRY(check_params(&o->params));
    if (o->params.lr == 0)
        o->params.lr = o->params.kind == VENN_OPTIM_SGD ? 0.01 : 0.001;
    o->name = venn_strdup(o->params.name ? o->params.name : "optim");
    o->params.name = o->name;
    for (size_t i = 0; i < n_groups; i++)
        n += groups[i].n;
    o->entries = venn_alloc(n + 1, sizeof *o->entries);
    o->states = venn_alloc(2 * n + 2, sizeof(venn_var *));
    if (!o->name || !o->entries || !o->states)
        return VENN_NO_MEMORY;
    o->lr_input = venn_format("%s.lr", o->name);
    o->step_input = venn_format("%s.step", o->name);
    if (!o->lr_input || !o->step_input)
        return VENN_NO_MEMORY;
    for (size_t i = 0; i < n_groups; i++)
        VENN_TRY(add_group(o, &groups[i], i));
    VENN_TRY(create_states(o, device));
    return o->params.loss_scale > 0 ? venn_scaling_create(o, device) : VENN_OK;
}

venn_status venn_optim_create(venn_optim **out, venn_device *device,
                              const venn_optim_params *params, size_t n_groups,
                              const venn_optim_group *groups)
{
    *out = NULL;
    venn_optim *o = VENN_NEW(venn_optim);
    if (!o)
        return VENN_NO_MEMORY;
    venn_status status = fill(o, device, params, n_groups, groups);
    if (status < 0)
        venn_optim_destroy(&o);
    *out = o;
    return status;
}

void venn_optim_destroy(venn_optim **handle)
{
    venn_optim *o = *handle;
    if (!o)
        return;
    for (size_t i = 0; i < o->n_states; i++)
        venn_var_destroy(&o->states[i]);
    free(o->states);
    free(o->entries);
    free(o->name);
    free(o->lr_input);
    free(o->step_input);
    free(o);
    *handle = NULL;
}

size_t venn_optim_n_vars(const venn_optim *o)
{
    return o->n;
}

venn_var *venn_optim_var(const venn_optim *o, size_t i)
{
    return i < o->n ? o->entries[i].var : NULL;
}

// ---- Steps -----------------------------------------------------------------------------------

static bool moves(const optim_entry *e, venn_tensor grad)
{
    return !e->frozen && grad.id;
}

static venn_tensor state_tensor(venn_graph *g, venn_var *state)
{
    return state ? venn_graph_var(g, state) : VENN_NONE;
}

typedef struct step_scalars {
    venn_tensor lr, step, guard, grad_scale;
} step_scalars;

static void append_update(const venn_optim *o, venn_graph *g, const optim_entry *e,
                          venn_tensor grad, const step_scalars *s)
{
    const venn_optim_params *p = &o->params;
    venn_tensor w = venn_graph_var(g, e->var);
    venn_tensor first = state_tensor(g, e->state[0]), second = state_tensor(g, e->state[1]);
    if (p->kind == VENN_OPTIM_SGD) {
        venn_sgd_params sgd = {.momentum = p->momentum,
                               .nesterov = p->nesterov,
                               .weight_decay = e->weight_decay,
                               .lr_scale = e->lr_scale,
                               .clip_value = p->clip_value};
        venn_sgd(g, w, grad, first, s->lr, s->guard, s->grad_scale, &sgd);
        return;
    }
    venn_adam_params adam = {.beta1 = p->beta1,
                             .beta2 = p->beta2,
                             .eps = p->eps,
                             .weight_decay = e->weight_decay,
                             .decoupled = p->kind == VENN_OPTIM_ADAMW,
                             .lr_scale = e->lr_scale,
                             .clip_value = p->clip_value};
    venn_adam(g, w, grad, first, second, s->lr, s->step, s->guard, s->grad_scale, &adam);
}

// *factor stays VENN_NONE if nothing is to be clipped.
static venn_status append_clipping(const venn_optim *o, venn_graph *g, const venn_tensor *grads,
                                   venn_tensor *factor)
{
    if (o->params.clip_norm == 0)
        return VENN_OK;
    venn_tensor *moving = venn_alloc(o->n, sizeof *moving);
    if (!moving)
        return VENN_NO_MEMORY;
    size_t n = 0;
    for (size_t i = 0; i < o->n; i++)
        if (moves(&o->entries[i], grads[i]))
            moving[n++] = grads[i];
    venn_tensor squares = venn_sum_squares(g, VENN_NONE, n, moving);
    *factor = venn_clip_factor(g, squares, o->params.clip_norm);
    free(moving);
    return venn_graph_status(g);
}

static bool any_moves(const venn_optim *o, const venn_tensor *grads)
{
    for (size_t i = 0; i < o->n; i++)
        if (moves(&o->entries[i], grads[i]))
            return true;
    return false;
}

// Several steps of one optimizer in a graph share their scalars; those of another optimizer of the same
// name stay an error.
static venn_tensor scalar_input(venn_graph *g, const char *name, bool again)
{
    venn_tensor known = again ? venn_graph_find_input(g, name) : VENN_NONE;
    return known.id ? known : venn_graph_input(g, name, VENN_F32, VENN_SCALAR);
}

venn_status venn_optim_step(venn_optim *o, venn_graph *g, const venn_tensor *grads,
                            venn_tensor guard)
{
    VENN_TRY(venn_graph_status(g));
    if (!any_moves(o, grads))
        return venn_fail(VENN_BAD_ARG,
                         "optimizer %s: no gradient reaches any parameter that is not frozen",
                         o->name);
    const bool again = o->graph == g;
    o->graph = g;
    step_scalars s = {.lr = scalar_input(g, o->lr_input, again), .guard = guard};
    if (o->params.kind != VENN_OPTIM_SGD)
        s.step = scalar_input(g, o->step_input, again);
    VENN_TRY(append_clipping(o, g, grads, &s.grad_scale));
    for (size_t i = 0; i < o->n; i++)
        if (moves(&o->entries[i], grads[i]))
            append_update(o, g, &o->entries[i], grads[i], &s);
    return venn_graph_status(g);
}

static venn_status differentiate(const venn_optim *o, venn_graph *g, venn_tensor loss,
                                 venn_tensor scale, venn_tensor *x, venn_tensor *dx,
                                 venn_tensor *grads)
{
    size_t n = 0;
    for (size_t i = 0; i < o->n; i++)
        if (!o->entries[i].frozen)
            x[n++] = venn_graph_var(g, o->entries[i].var);
    VENN_TRY(venn_graph_gradients(g, loss, scale, n, x, dx));
    n = 0;
    for (size_t i = 0; i < o->n; i++)
        grads[i] = o->entries[i].frozen ? VENN_NONE : dx[n++];
    return VENN_OK;
}

venn_status venn_optim_minimize(venn_optim *o, venn_graph *g, venn_tensor loss)
{
    venn_tensor *room = venn_alloc(3 * o->n + 1, sizeof *room);
    if (!room)
        return VENN_NO_MEMORY;
    venn_tensor *grads = room + 2 * o->n;
    const venn_tensor scale = venn_optim_loss_scale(o, g);
    venn_graph_phase(g, "backward");
    venn_status status = differentiate(o, g, loss, scale, room, room + o->n, grads);
    venn_graph_phase(g, "optimizer");
    if (status == VENN_OK)
        status = venn_optim_step(o, g, grads, venn_optim_unscale(o, g, scale, loss, o->n, grads));
    venn_graph_phase(g, NULL);
    free(room);
    return status;
}

double venn_optim_lr(const venn_optim *o, int64_t epoch)
{
    return venn_schedule_lr(&o->params.schedule, o->params.lr, o->steps, epoch);
}

static venn_status write_scalar(venn_program *program, const char *input, double value)
{
    float narrow = (float)value;
    size_t bytes;
    void *to = venn_program_input(program, input, &bytes);
    if (!to)
        return venn_fail(VENN_BAD_ARG,
                         "the program has no input \"%s\": it holds no step of this "
                         "optimizer, or no venn_program_begin came before",
                         input);
    memcpy(to, &narrow, sizeof narrow);
    return VENN_OK;
}

venn_status venn_optim_feed(venn_optim *o, venn_program *program, int64_t epoch)
{
    VENN_TRY(write_scalar(program, o->lr_input, venn_optim_lr(o, epoch)));
    if (o->params.kind != VENN_OPTIM_SGD)
        VENN_TRY(write_scalar(program, o->step_input, (double)(o->steps + 1)));
    o->steps++;
    return VENN_OK;
}

// ---- State -----------------------------------------------------------------------------------

size_t venn_optim_n_states(const venn_optim *o)
{
    return o->n_states;
}

venn_var *venn_optim_state(const venn_optim *o, size_t i)
{
    return i < o->n_states ? o->states[i] : NULL;
}

const venn_var *venn_optim_state_of(const venn_optim *o, size_t i)
{
    const venn_var *state = venn_optim_state(o, i);
    for (size_t k = 0; state && k < o->n; k++)
        if (o->entries[k].state[0] == state || o->entries[k].state[1] == state)
            return o->entries[k].var;
    return NULL;
}

int64_t venn_optim_steps(const venn_optim *o)
{
    return o->steps;
}

void venn_optim_set_steps(venn_optim *o, int64_t steps)
{
    o->steps = steps;
}

venn_status venn_optim_reset(venn_optim *o)
{
    o->steps = 0;
    for (size_t i = 0; i < o->n_states; i++) {
        if (o->states[i] == o->scale)
            continue;
        size_t bytes = venn_var_bytes(o->states[i]);
        void *zeros = venn_alloc(bytes, 1);
        venn_status status = zeros ? venn_var_write(o->states[i], zeros, bytes) : VENN_NO_MEMORY;
        free(zeros);
        VENN_TRY(status);
    }
    return o->scale ? venn_scaling_reset(o) : VENN_OK;
}
