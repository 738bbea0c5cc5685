// The graph as the files of src/graph see it. Values and nodes live in the graph's arena and never
// move; nodes are in the order in which they were appended, which is the order they run in.
#ifndef VENN_GRAPH_INTERNAL_H
#define VENN_GRAPH_INTERNAL_H

#include "base/arena.h"
#include "graph/op.h"
#include "vk/vk.h"

struct venn_var {
    venn_device *device;
    char *name;
    venn_dtype dtype;
    venn_shape shape;
    size_t bytes;
    venn_memory memory;
};

typedef struct venn_graph_output_entry {
    const char *name;
    venn_value *value;
} venn_graph_output_entry;

// One call of venn_graph_gradients: nodes [first_node, end_node) compute dx from y.
typedef struct venn_gradient_call {
    const venn_value *y, *dy; // dy NULL: ones
    size_t n;
    const venn_value **x;
    const venn_value **dx; // NULL where there is no gradient
    uint32_t first_node, end_node;
} venn_gradient_call;

// A composite op: nodes [first_node, end_node) are its parts. `node` is in no list of nodes; its outputs
// are values that the parts made.
typedef struct venn_composite {
    venn_node *node;
    uint32_t first_node, end_node;
} venn_composite;

struct venn_graph {
    venn_arena arena;
    venn_value **values; // values[id - 1]
    uint32_t n_values, max_values;
    venn_node **nodes;
    uint32_t n_nodes, max_nodes;
    venn_graph_output_entry *outputs;
    uint32_t n_outputs, max_outputs;
    venn_gradient_call *calls;
    uint32_t n_calls, max_calls;
    venn_composite *composites; // one inside another stands before it
    uint32_t n_composites, max_composites;
    venn_value *rng;
    uint32_t n_random; // nodes that take the generator's state
    const char *phase; // of the nodes appended now
    bool in_rule;      // an op's gradient rule, or a composite, is appending its nodes
    venn_status status;
    char *error;
};

#define VENN_RNG_INPUT "venn.rng"

// Moves variables that no program uses yet side by side in memory, in this order, each at the device's
// alignment, so that one launch can go over all (venn_op_desc.flat). They stay where they are if there is no
// room for that. All are of one device.
venn_status venn_vars_gather(size_t n, venn_var *const *vars);

// NULL for VENN_NONE and for handles that are not of this graph.
venn_value *venn_graph_value(const venn_graph *g, venn_tensor t);
// Keeps the first error only; takes this thread's message as its text. Returns status.
venn_status venn_graph_fail(venn_graph *g, venn_status status);
// Makes room for one more element of an array of the graph; false (error kept) without memory.
bool venn_graph_grow(venn_graph *g, void **array, uint32_t count, uint32_t *max, size_t size);
venn_value *venn_graph_add_value(venn_graph *g, venn_dtype dtype, venn_shape shape,
                                 const char *name);

// Input i of a node of op; variadic ones share the last.
static inline const venn_input_def *venn_input_of(const venn_op_desc *op, int i)
{
    return &op->inputs[i < op->n_inputs ? i : op->n_inputs - 1];
}

// Whether node n takes a value of type `have` where its table of inputs says `def`.
bool venn_type_fits(const venn_node *n, const venn_input_def *def, venn_dtype have);
// The type of output i, which the op's shape rule declared so.
venn_dtype venn_type_of_output(const venn_node *n, int i, venn_dtype declared);
// The type that gradients of the value are stored in: its own, or, of a cast's, that of what was cast, so
// that what is summed in f32 for an f32 variable is never rounded on its way.
venn_dtype venn_type_of_gradient(const venn_value *value);
// t stored as `dtype`: t itself if it has that type or is no number; else its value is given the type,
// where only nodes from first_node on, of which nothing is recorded yet, know it; else a cast of it.
venn_tensor venn_type_store(venn_graph *g, venn_tensor t, venn_dtype dtype, uint32_t first_node);

static inline uint64_t venn_value_bytes(const venn_value *value)
{
    return (uint64_t)value->count * venn_dtype_size(value->dtype);
}

// The node of the last call of venn_op_apply: a composite's own, not one of its parts. NULL: none yet.
const venn_node *venn_graph_last_node(const venn_graph *g);
// Bit i: node n changes input i in place.
uint32_t venn_node_updates(const venn_node *n);

#endif
