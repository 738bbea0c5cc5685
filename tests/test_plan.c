// The memory planner on its own (graph/plan.h), and under random graphs: reuse of memory must change
// no bit of any result.
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "device_fixture.h"
#include "graph/graph_internal.h"
#include "graph/plan.h"
#include "graph_check.h"
#include "probe_ops.h"
#include "venn/ops.h"

#define ALIGNMENT 256
#define MAX_ITEMS 300

// ---- Plans -----------------------------------------------------------------------------------

static bool live_together(const venn_plan_item *a, const venn_plan_item *b)
{
    return a->first <= b->last && b->first <= a->last;
}

static bool share_bytes(const venn_plan_item *a, const venn_plan_item *b)
{
    return a->offset < b->offset + b->size && b->offset < a->offset + a->size;
}

static uint64_t rounded(uint64_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

// The most bytes alive in one step, counted step by step.
static uint64_t most_alive(const venn_plan_item *items, size_t n)
{
    uint64_t most = 0;
    uint32_t end = 0;
    for (size_t i = 0; i < n; i++)
        end = items[i].last > end ? items[i].last : end;
    for (uint32_t step = 0; step <= end; step++) {
        uint64_t alive = 0;
        for (size_t i = 0; i < n; i++)
            if (items[i].first <= step && step <= items[i].last)
                alive += rounded(items[i].size);
        most = alive > most ? alive : most;
    }
    return most;
}

static venn_plan_result check_plan(venn_plan_item *items, size_t n)
{
    venn_plan_result plan;
    uint64_t end = 0, naive = 0;
    cr_assert(venn_plan(items, n, ALIGNMENT, &plan) == VENN_OK);
    for (size_t i = 0; i < n; i++) {
        cr_assert(items[i].offset % ALIGNMENT == 0);
        naive += rounded(items[i].size);
        if (items[i].offset + rounded(items[i].size) > end)
            end = items[i].offset + rounded(items[i].size);
        for (size_t k = 0; k < i; k++)
            cr_assert(!live_together(&items[i], &items[k]) || !share_bytes(&items[i], &items[k]),
                      "items %zu and %zu of %zu live together in the same bytes", i, k, n);
    }
    cr_assert(plan.peak == end && plan.naive == naive);
    cr_assert(plan.lower == most_alive(items, n));
    cr_assert(plan.peak >= plan.lower && plan.peak <= plan.naive);
    return plan;
}

Test(plan, random_intervals)
{
    static venn_plan_item items[MAX_ITEMS];
    for (uint32_t trial = 0; trial < 300; trial++) {
        venn_rng rng = venn_rng_make(17, trial, 0);
        size_t n = venn_rng_below(&rng, MAX_ITEMS);
        uint32_t steps = 1 + venn_rng_below(&rng, 200), length = 1 + venn_rng_below(&rng, 40);
        for (size_t i = 0; i < n; i++) {
            uint32_t first = venn_rng_below(&rng, steps);
            uint64_t size = venn_rng_below(&rng, 8) ? venn_rng_below(&rng, 1 << 20) : 0;
            items[i] =
                (venn_plan_item){size, first, first + venn_rng_below(&rng, length), 0, false};
        }
        check_plan(items, n);
    }
}

Test(plan, same_input_same_plan)
{
    venn_plan_item a[40], b[40];
    venn_rng rng = venn_rng_make(18, 0, 0);
    for (int i = 0; i < 40; i++) {
        uint32_t first = venn_rng_below(&rng, 30);
        a[i] = b[i] = (venn_plan_item){256 * venn_rng_below(&rng, 4), first, first + 5, 0, false};
    }
    check_plan(a, 40);
    check_plan(b, 40);
    for (int i = 0; i < 40; i++)
        cr_expect(a[i].offset == b[i].offset);
}

Test(plan, chain_takes_two_buffers)
{
    venn_plan_item items[50];
    for (uint32_t i = 0; i < 50; i++)
        items[i] = (venn_plan_item){1000, i, i + 1, 0, false};
    cr_expect(check_plan(items, 50).peak == 2 * 1024);
}

// Activations of a net of the given layer sizes live until their layer's backward step; gradients
// live from one layer to the next, weight gradients until the optimizer at the end.
static size_t training_step(const uint32_t *activation, const uint32_t *weight, uint32_t layers,
                            venn_plan_item *items)
{
    size_t n = 0;
    const uint32_t end = 4 * layers;
    for (uint32_t l = 0; l < layers; l++) {
        uint32_t forward = 2 * l, backward = end - 2 * l;
        items[n++] =
            (venn_plan_item){activation[l] * 4ull, forward, backward, 0, false}; // before relu
        items[n++] =
            (venn_plan_item){activation[l] * 4ull, forward + 1, backward, 0, false}; // after
        items[n++] = (venn_plan_item){activation[l] * 4ull, backward - 1, backward, 0, false};
        items[n++] = (venn_plan_item){activation[l] * 4ull, backward, backward + 1, 0, false};
        items[n++] = (venn_plan_item){weight[l] * 4ull, backward, end + 2, 0, false};
    }
    return n;
}

Test(plan, typical_nets_are_near_the_bound)
{
    static venn_plan_item items[MAX_ITEMS];
    const uint32_t lenet[] = {64 * 32 * 784, 64 * 32 * 196, 64 * 64 * 196,
                              64 * 3136,     64 * 1024,     640};
    const uint32_t lenet_w[] = {832, 0, 51264, 0, 3212288, 10250};
    const uint32_t mlp[] = {64 * 512, 64 * 512, 640}, mlp_w[] = {401920, 262656, 5130};
    uint32_t deep[40], deep_w[40];
    for (uint32_t l = 0; l < 40; l++) {
        deep[l] = 32 * 64 * 1024 >> (l / 10);
        deep_w[l] = 64 * 64 * 9 << 2 * (l / 10);
    }
    const struct {
        const char *name;
        const uint32_t *activation, *weight;
        uint32_t layers;
    } nets[] = {{"LeNet", lenet, lenet_w, 6}, {"MLP", mlp, mlp_w, 3}, {"deep", deep, deep_w, 40}};
    for (size_t i = 0; i < 3; i++) {
        size_t n = training_step(nets[i].activation, nets[i].weight, nets[i].layers, items);
        venn_plan_result plan = check_plan(items, n);
        cr_expect((double)plan.peak <= 1.15 * (double)plan.lower, "%s: %llu bytes, bound %llu",
                  nets[i].name, (unsigned long long)plan.peak, (unsigned long long)plan.lower);
    }
}

// ---- Random graphs ---------------------------------------------------------------------------

#define SIZES 4
#define MAX_POOL 80
#define N_VARS 3

// Tensors made so far, by size class; operands of new nodes are drawn from here.
typedef struct builder {
    venn_graph *g;
    venn_rng rng;
    venn_tensor pool[SIZES][MAX_POOL];
    uint32_t n[SIZES];
    venn_var *var[N_VARS];
} builder;

static venn_tensor pick(builder *b, uint32_t size)
{
    // Recent tensors more often, so that lifetimes differ.
    uint32_t back = venn_rng_below(&b->rng, venn_rng_below(&b->rng, 4) ? 4 : MAX_POOL);
    return b->pool[size][back < b->n[size] ? b->n[size] - 1 - back : 0];
}

static void put(builder *b, uint32_t size, venn_tensor t)
{
    b->pool[size][b->n[size]++] = t;
}

static void add_random_node(builder *b)
{
    uint32_t size = venn_rng_below(&b->rng, SIZES);
    venn_tensor x = pick(b, size);
    switch (venn_rng_below(&b->rng, 8)) {
    case 0:
        put(b, size, venn_relu(b->g, x));
        break;
    case 1:
    case 2:
        put(b, size, venn_probe_pass_apply(b->g, x));
        break;
    case 3:
        if (size < N_VARS && x.id != venn_graph_var(b->g, b->var[size]).id)
            probe_assign_apply(b->g, venn_graph_var(b->g, b->var[size]), x);
        break;
    default:
        put(b, size, venn_add(b->g, x, pick(b, size)));
    }
}

static void random_graph(builder *b, uint32_t trial, venn_device *device)
{
    static const int64_t extent[SIZES] = {5, 64, 777, 3000};
    *b = (builder){.rng = venn_rng_make(19, trial, 0)};
    cr_assert(venn_graph_create(&b->g) == VENN_OK);
    for (uint32_t s = 0; s < SIZES; s++) {
        char name[8];
        snprintf(name, sizeof name, "x%u", s);
        put(b, s, venn_graph_input(b->g, name, VENN_F32, VENN_SHAPE(extent[s])));
        if (s < N_VARS) {
            cr_assert(venn_var_create(&b->var[s], device, "w", VENN_F32, VENN_SHAPE(extent[s])) ==
                      VENN_OK);
            put(b, s, venn_graph_var(b->g, b->var[s]));
        }
    }
    for (uint32_t k = 0; k < 40; k++)
        add_random_node(b);
    for (uint32_t s = 0; s < SIZES; s++) {
        char name[8];
        snprintf(name, sizeof name, "y%u", s);
        venn_graph_output(b->g, name, b->pool[s][b->n[s] - 1]);
    }
    cr_assert(venn_graph_status(b->g) == VENN_OK, "%s", venn_graph_error(b->g));
}

// All outputs and variables after one run, one behind the other; malloc'd.
static char *results(builder *b, uint32_t trial, venn_device *device,
                     const venn_compile_params *params, size_t *size)
{
    venn_program *program;
    uint64_t ticket;
    char *all = NULL;
    *size = 0;
    cr_assert(venn_graph_compile(&program, b->g, device, params) == VENN_OK, "%s",
              venn_error_message());
    cr_assert(venn_program_begin(program) == VENN_OK);
    for (uint32_t i = 0; i < b->g->n_values; i++) {
        const venn_value *value = b->g->values[i];
        float data[3000];
        fill_graph_operand(trial, i, VENN_F32, value->count, data);
        if (value->var)
            venn_var_write(value->var, data, venn_value_bytes(value));
        else if (value->is_input)
            memcpy(venn_program_input(program, value->name, NULL), data, venn_value_bytes(value));
    }
    cr_assert(venn_program_run(program, &ticket) == VENN_OK);
    for (uint32_t i = 0; i < b->g->n_outputs + N_VARS; i++) {
        size_t bytes;
        bool is_var = i >= b->g->n_outputs;
        const void *out = NULL;
        if (is_var)
            bytes = venn_var_bytes(b->var[i - b->g->n_outputs]);
        else
            out = venn_program_output(program, ticket, b->g->outputs[i].name, &bytes);
        all = realloc(all, *size + bytes);
        if (is_var)
            venn_var_read(b->var[i - b->g->n_outputs], all + *size, bytes);
        else
            memcpy(all + *size, out, bytes);
        *size += bytes;
    }
    venn_program_destroy(&program);
    return all;
}

Test(plan, random_graphs_keep_their_results)
{
    venn_device *device = open_test_device();
    const venn_compile_params reuse = {.poison = true}, keep = {.keep_all = true, .poison = true};
    for (uint32_t trial = 0; trial < 30; trial++) {
        builder b;
        size_t n_reused, n_kept;
        random_graph(&b, trial, device);
        char *reused = results(&b, trial, device, &reuse, &n_reused);
        char *kept = results(&b, trial, device, &keep, &n_kept);
        cr_assert(n_reused == n_kept && memcmp(reused, kept, n_kept) == 0,
                  "graph %u gives other results when memory is reused", trial);
        free(reused);
        free(kept);
        if (trial < 10) {
            venn_tensor x[] = {b.pool[0][0], b.pool[1][1], b.pool[2][0]}, dx[3];
            venn_graph_gradients(b.g, pick(&b, 2), VENN_NONE, 3, x, dx);
            check_graph(b.g, device, NULL, trial, 1e-5);
        }
        for (int v = 0; v < N_VARS; v++)
            venn_var_destroy(&b.var[v]);
        venn_graph_destroy(&b.g);
    }
    close_test_device(&device);
}
