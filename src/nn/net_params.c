// What can be done with the parameters of a network as a whole.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "nn/net_internal.h"

// Keeps these draws apart from all others of the same seed: Philox's step word.
#define INIT_STEP 0x696e6974u

size_t venn_net_n_params(const venn_net *net)
{
    return net->n_params;
}

const venn_net_param *venn_net_param_at(const venn_net *net, size_t i)
{
    return i < net->n_params ? &net->params[i].public : NULL;
}

const venn_net_param *venn_net_param_find(const venn_net *net, const char *name)
{
    for (size_t i = 0; i < net->n_params; i++)
        if (strcmp(net->params[i].public.name, name) == 0)
            return &net->params[i].public;
    return NULL;
}

int64_t venn_net_n_elements(const venn_net *net)
{
    int64_t n = 0;
    for (size_t i = 0; i < net->n_layers; i++)
        n += venn_net_layer(net, i).n_elements;
    return n;
}

// ---- Freezing --------------------------------------------------------------------------------

static bool belongs(const char *param, const char *name)
{
    size_t n = strlen(name);
    return n == 0 || (strncmp(param, name, n) == 0 && (param[n] == '.' || param[n] == '\0'));
}

static bool layer_named(const venn_net *net, const char *name)
{
    for (size_t i = 0; i < net->n_layers; i++)
        if (belongs(net->layers[i].name, name))
            return true;
    return false;
}

venn_status venn_net_freeze(venn_net *net, const char *name, bool frozen)
{
    name = name ? name : "";
    bool found = layer_named(net, name);
    for (size_t i = 0; i < net->n_params; i++)
        if (belongs(net->params[i].public.name, name)) {
            net->params[i].public.frozen = frozen;
            found = true;
        }
    if (!found)
        return venn_fail(VENN_BAD_ARG,
                         "net: no layer or branch is named %s, so it cannot be frozen", name);
    return VENN_OK;
}

size_t venn_net_trainable(const venn_net *net, venn_var **vars)
{
    size_t n = 0;
    for (size_t i = 0; i < net->n_params; i++)
        if (!net->params[i].public.buffer && !net->params[i].public.frozen)
            vars[n++] = net->params[i].public.var;
    return n;
}

// ---- Values ----------------------------------------------------------------------------------

// Room for the largest parameter; *bytes may be 0.
static void *room_for_any(const venn_net *net)
{
    size_t most = 0;
    for (size_t i = 0; i < net->n_params; i++) {
        size_t bytes = venn_var_bytes(net->params[i].public.var);
        most = bytes > most ? bytes : most;
    }
    return venn_alloc(most, 1);
}

static void draw(const net_param *p, uint64_t seed, size_t index, float *values)
{
    venn_rng rng = venn_rng_make(seed, INIT_STEP, (uint32_t)index);
    size_t n = venn_var_bytes(p->public.var) / sizeof(float);
    const venn_shape shape = venn_var_shape(p->public.var);
    if (p->fill) {
        p->fill(&shape, values);
        return;
    }
    for (size_t i = 0; i < n; i++)
        values[i] = p->std > 0         ? p->std * venn_rng_normal(&rng)
                    : p->low < p->high ? venn_rng_uniform(&rng, p->low, p->high)
                                       : p->low;
}

venn_status venn_net_init(venn_net *net, uint64_t seed)
{
    float *values = room_for_any(net);
    venn_status status = values ? VENN_OK : VENN_NO_MEMORY;
    for (size_t i = 0; status == VENN_OK && i < net->n_params; i++) {
        venn_var *var = net->params[i].public.var;
        draw(&net->params[i], seed, i, values);
        status = venn_var_write(var, values, venn_var_bytes(var));
    }
    free(values);
    return status;
}

venn_status venn_net_hash(const venn_net *net, char text[33])
{
    venn_hash hash = {0};
    void *values = room_for_any(net);
    venn_status status = values ? VENN_OK : VENN_NO_MEMORY;
    for (size_t i = 0; status == VENN_OK && i < net->n_params; i++) {
        const venn_var *var = net->params[i].public.var;
        size_t bytes = venn_var_bytes(var);
        status = venn_var_read(var, values, bytes);
        if (status == VENN_OK)
            hash = venn_hash_join(hash, venn_hash_bytes(values, bytes));
    }
    free(values);
    venn_hash_text(hash, text);
    return status;
}

static venn_status check_layout(const venn_net *to, const venn_net *from)
{
    char a_text[VENN_SHAPE_TEXT_MAX], b_text[VENN_SHAPE_TEXT_MAX];
    for (size_t i = 0; i < to->n_params && i < from->n_params; i++) {
        const venn_net_param *a = &to->params[i].public, *b = &from->params[i].public;
        venn_shape a_shape = venn_var_shape(a->var), b_shape = venn_var_shape(b->var);
        if (strcmp(a->name, b->name) != 0 || !venn_shape_equal(&a_shape, &b_shape))
            return venn_fail(
                VENN_BAD_SHAPE,
                "nets cannot be copied: parameter %zu is %s %s in one and %s %s in the "
                "other",
                i, a->name, venn_shape_text(&a_shape, a_text, sizeof a_text), b->name,
                venn_shape_text(&b_shape, b_text, sizeof b_text));
    }
    if (to->n_params != from->n_params)
        return venn_fail(VENN_BAD_SHAPE,
                         "nets cannot be copied: one has %zu parameters, the other %zu",
                         to->n_params, from->n_params);
    return VENN_OK;
}

venn_status venn_net_copy(venn_net *to, const venn_net *from)
{
    VENN_TRY(check_layout(to, from));
    void *values = room_for_any(to);
    venn_status status = values ? VENN_OK : VENN_NO_MEMORY;
    for (size_t i = 0; status == VENN_OK && i < to->n_params; i++) {
        size_t bytes = venn_var_bytes(to->params[i].public.var);
        status = venn_var_read(from->params[i].public.var, values, bytes);
        if (status == VENN_OK)
            status = venn_var_write(to->params[i].public.var, values, bytes);
    }
    free(values);
    return status;
}
