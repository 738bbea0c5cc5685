// Launches of stable orders (see order.h).
#include "ops/divisor.h"
#include "ops/order.h"

#define VENN_HOST
#include "order.comp"

enum { RUN = 32, RUN_SHIFT = 5 }; // as in order.comp

venn_order venn_order_whole(int64_t outer, int64_t length, int64_t inner)
{
    return (venn_order){.outer = outer,
                        .length = length,
                        .inner = inner,
                        .pitch = length,
                        .keep = length,
                        .limit = UINT32_MAX};
}

static int64_t count_of(const venn_order *order)
{
    return order->outer * order->length * order->inner;
}

static uint32_t passes(const venn_order *order)
{
    uint32_t n = 0;
    while ((int64_t)RUN << n < order->length)
        n++;
    return n;
}

uint64_t venn_order_workspace(const venn_order *order)
{
    const uint64_t planes = passes(order) ? 4 : 2;
    return planes * (uint64_t)count_of(order) * sizeof(uint32_t);
}

// Which two planes of the workspace pass `pass` writes: the passes take turns.
static venn_ordered planes_of(const venn_order *order, uint32_t pass)
{
    const uint32_t count = (uint32_t)count_of(order), first = pass % 2 ? 2 * count : 0;
    return (venn_ordered){first, first + count};
}

static void launch(venn_recorder *r, const char *kernel, const venn_push_order *push,
                   const venn_value *from, const venn_value *to, uint64_t trips)
{
    const venn_profile *profile = venn_recorder_profile(r);
    venn_dispatch d = {.kernel = kernel,
                       .spec = {profile->elementwise_group},
                       .n_spec = 1,
                       .push = push,
                       .push_size = sizeof *push,
                       .bind = {{from, VENN_READ}, {to, VENN_WRITE}},
                       .n_bind = 2,
                       .trips = trips};
    venn_groups_linear(r, push->count, profile->elementwise_group, d.groups);
    venn_record_dispatch(r, &d);
}

static const char *block_kernel(const venn_profile *profile, const venn_value *x)
{
    if (x->dtype == VENN_I32)
        return "order.block.int";
    return profile->texel_loads ? "order.block.texel" : "order.block";
}

venn_ordered venn_order_record(venn_recorder *r, const venn_node *n, const venn_order *order,
                               const venn_value *x)
{
    venn_ordered result = planes_of(order, 0);
    venn_push_order push = {.count = (uint32_t)count_of(order),
                            .length = (uint32_t)order->length,
                            .inner = (uint32_t)order->inner,
                            .pitch = (uint32_t)order->pitch,
                            .first = (uint32_t)order->first,
                            .keep = (uint32_t)order->keep,
                            .flip = order->descending ? UINT32_MAX : 0,
                            .limit = order->limit,
                            .keys = result.keys,
                            .places = result.places};
    venn_divisor(order->length, push.divisor);
    venn_divisor(order->inner, push.divisor + 3);
    if (push.count == 0)
        return result;
    launch(r, block_kernel(venn_recorder_profile(r), x), &push, x, n->workspace, RUN);
    for (uint32_t pass = 1; pass <= passes(order); pass++) {
        push.old_keys = result.keys;
        push.old_places = result.places;
        result = planes_of(order, pass);
        push.keys = result.keys;
        push.places = result.places;
        push.shift = RUN_SHIFT + pass - 1;
        launch(r, "order.merge", &push, n->workspace, n->workspace, push.shift + 1);
    }
    return result;
}
