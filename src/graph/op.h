// What an op is. One file in src/ops fills one venn_op_desc (and, for gradients that need kernels of
// their own, further private ones) and is listed once in ops.def. The graph, the planner, the test
// runner, the bench and `venn op` know ops only through this description.
#ifndef VENN_GRAPH_OP_H
#define VENN_GRAPH_OP_H

#include "venn/graph.h"
#include "kernel/profile.h"

#define VENN_MAX_INPUTS 12
#define VENN_MAX_OUTPUTS 4

typedef struct venn_node venn_node;
typedef struct venn_value venn_value;
typedef struct venn_recorder venn_recorder;

// ---- Values and nodes ------------------------------------------------------------------------

// A tensor of the graph. Ops read dtype, shape and count; the rest belongs to src/graph.
struct venn_value {
    uint32_t id;
    venn_dtype dtype;
    venn_shape shape;
    int64_t count;           // elements
    const char *name;        // NULL if unnamed
    venn_node *producer;     // NULL for inputs and variables
    venn_var *var;           // a variable's present content
    const venn_value *alias; // shares this value's memory (reshape); NULL: memory of its own
    bool is_input;           // written by the host before each run
};

struct venn_node {
    const struct venn_op_desc *op;
    const void *params; // the op's params struct, copied; never NULL if op has one
    venn_graph *graph;
    const char *phase; // venn_graph_phase when it was appended; NULL: none
    uint32_t index;    // order in the graph
    uint32_t stream;   // of a random op: how many came before it in the graph
    int n_in, n_out;
    venn_value *in[VENN_MAX_INPUTS]; // NULL: optional input left out
    venn_value *out[VENN_MAX_OUTPUTS];
    venn_value *workspace; // set while recording if op->workspace asked for bytes
};

// The value whose memory this one shares: itself unless it is an alias.
static inline const venn_value *venn_value_root(const venn_value *value)
{
    while (value->alias)
        value = value->alias;
    return value;
}

// Handle of a value (VENN_NONE for NULL), to build gradient nodes with.
venn_tensor venn_value_tensor(const venn_value *value);
static inline venn_tensor venn_in(const venn_node *n, int i)
{
    return venn_value_tensor(n->in[i]);
}
static inline venn_tensor venn_out(const venn_node *n, int i)
{
    return venn_value_tensor(n->out[i]);
}

// In `shape`: declare output i. In `shape`, on a misfit: `return venn_node_error(n, "...")`, which
// records "op: text, got [..] and [..]" (the input shapes are appended) as BAD_SHAPE; returns false.
void venn_node_output(venn_node *n, int i, venn_dtype dtype, venn_shape shape);
bool venn_node_error(venn_node *n, const char *format, ...) __attribute__((format(printf, 2, 3)));

// ---- Description -----------------------------------------------------------------------------

// What test data for an input must look like, and what the op demands of the user's.
typedef enum venn_domain {
    VENN_ANY,         // any real number; tests draw N(0,1)
    VENN_TIED,        // any real number; tests draw few different ones, so that many are equal
    VENN_WEIGHT,      // any real number, applied again and again; tests draw N(0, 1/last extent)
    VENN_POSITIVE,    // tests draw U(0.5, 2)
    VENN_PROBABILITY, // last axis sums to 1, entries in [0, 1]
    VENN_CLASS,       // i32 in [0, C), C = last extent of input 0
    VENN_INDEX, // i32 along the axis of input 0 that the param "axis" (none: 0) names, or out of range
    VENN_BINARY, // 0 or 1
    VENN_RNG     // the state of venn_graph_rng
} venn_domain;

enum {
    VENN_IN_OPTIONAL = 1, // may be VENN_NONE
    VENN_IN_NO_GRAD = 2,  // never differentiated (teacher side, labels)
    VENN_IN_UPDATE = 4,   // a variable that the op changes in place (see also op->updates)
    VENN_IN_VARIADIC = 8  // last input: may repeat, up to VENN_MAX_INPUTS in all
};

typedef struct venn_input_def {
    const char *name;
    venn_dtype dtype;
    venn_domain domain;
    uint32_t flags;
} venn_input_def;

typedef enum venn_param_type {
    VENN_PARAM_BOOL,  // bool
    VENN_PARAM_INT,   // int32_t
    VENN_PARAM_FLOAT, // float
    VENN_PARAM_ENUM,  // an enum of int size; names[value], NULL-terminated
    VENN_PARAM_INTS   // int32_t[count]; text "2,2" (one number: all of them)
} venn_param_type;

// Describes one field of the params struct, so that text (cases.def, `venn op --param k=v`) can set it.
typedef struct venn_param_def {
    const char *name;
    venn_param_type type;
    uint32_t offset;
    int count;                // VENN_PARAM_INTS
    const char *const *names; // VENN_PARAM_ENUM
    const char *doc;          // one line; says what zero means
} venn_param_def;

// A node seen by the reference: every tensor as doubles (integers and bytes as their values).
typedef struct venn_ref {
    const venn_node *node;              // shapes and params
    const double *x[VENN_MAX_INPUTS];   // NULL: absent
    double *y[VENN_MAX_OUTPUTS];        // ref writes (ref_grad reads)
    double *updated[VENN_MAX_INPUTS];   // ref writes the new content of in-place inputs; else NULL
    const double *dy[VENN_MAX_OUTPUTS]; // ref_grad: NULL = zero
    double *dx[VENN_MAX_INPUTS];        // ref_grad writes (zero-filled before); NULL: not wanted
} venn_ref;

typedef struct venn_cost {
    double flops; // a multiply-add counts two
    double bytes; // compulsory traffic: each operand once
} venn_cost;

// Whether an op takes f16 and bf16 wherever its table of inputs says f32. Kernels need nothing for it:
// they load and store numbers, the binding's type is theirs to convert (shaders/lib/types.glsl). Inputs
// that change in place stay f32.
typedef enum venn_half {
    VENN_HALF_NO,
    // Output 0, declared f32, has the type of the first operand that is differentiable, or, where none is,
    // that is no integer.
    VENN_HALF_LIKE_FIRST,
    VENN_HALF_TO_F32 // outputs are what they are declared to be
} venn_half;

// What an elementwise op does to the operands of a node, element by element, for several to become one kernel
// (fuse.h): a function of as many vec4, written in the op's own shader.
typedef struct venn_element {
    const char *shader;   // stem of the shader
    const char *function; // "forward", "backward", "combine", "pick"
    const char *define;   // what the shader is to be included with; NULL: nothing
    int n_constants;      // that the function reads as `a` and `b`
    float constant[2];
} venn_element;

// Whether another node may do this one's work on its way (join.h), and what leads to that node: the one that
// makes the operand for this node alone, or one that reads the operand, too.
typedef enum venn_join_place {
    VENN_JOIN_NEVER,
    VENN_JOIN_BEHIND,
    VENN_JOIN_BESIDE
} venn_join_place;
typedef struct venn_joins {
    venn_join_place place;
    int in; // the operand
} venn_joins;
#define VENN_JOIN_PARAMS 256

typedef struct venn_op_desc {
    const char *name;    // as in ops.def, the shader's stem, and `venn op NAME`
    const char *summary; // one line with the formula
    venn_input_def inputs[VENN_MAX_INPUTS];
    int n_inputs; // entries of `inputs`
    int n_outputs;
    size_t params_size;           // 0: no params
    const venn_param_def *params; // ends with name NULL

    // Check the inputs' shapes and params and declare every output. false after venn_node_error.
    bool (*shape)(venn_node *n);
    // Append the commands that compute the outputs. NULL for aliases and composites.
    void (*record)(venn_recorder *r, const venn_node *n);
    // A composite: instead of recording, append nodes that compute the outputs by the functions of
    // venn/ops.h, and set out[] to tensors that these nodes made, of the shapes that `shape` declared.
    // Its gradient comes from them (venn_stop_gradient on operands that have none), so `gradient` is
    // NULL; `ref` and `ref_grad` are still the composite's own. false after an error. n->out is not set.
    bool (*build)(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out);
    // Bytes of scratch memory that record wants in n->workspace. NULL: none.
    uint64_t (*workspace)(const venn_profile *profile, const venn_node *n);
    // Append nodes computing dx[i] for every i with bit i of `need` set; dy[o] is VENN_NONE where no
    // gradient arrives; leave dx[i] VENN_NONE for zero. NULL: nothing differentiable. Types are not the
    // rule's business: every op takes half operands here, output 0 is like the first one, and what the
    // rule returns is stored in the type of what it is the gradient of.
    void (*gradient)(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx);
    // The oracle: plain C in double, straight from the formula, no cleverness.
    void (*ref)(const venn_ref *r);
    void (*ref_grad)(const venn_ref *r); // NULL: nothing differentiable
    void (*cost)(const venn_node *n, venn_cost *cost);
    // How many times the rounding errors of plain sums those of the outputs, or of the gradients, may be on this
    // device, where it takes a way that has fewer operations and larger errors. NULL: 1.
    double (*rounding)(const venn_profile *profile, const venn_node *n, bool is_gradient);
    // Bit i set: this node changes input i in place. NULL: the inputs' VENN_IN_UPDATE flags say it.
    uint32_t (*updates)(const venn_node *n);
    bool alias;         // output 0 is input 0's memory under another shape; nothing is recorded
    const void *family; // what the front end whose functions stand above keeps about this op
    // Differentiation is told something else than the derivative, on purpose: ref_grad says what, and
    // tests do not compare it with finite differences.
    bool surrogate_gradient;
    venn_half half;
    // A composite's parts take 16-bit operands as they are, as what lies between them is copies alone or
    // large. Otherwise they are given f32 copies, and nothing is rounded but the result.
    bool half_parts;
    bool retypes; // y is x stored in another type, and no more
    // Changes variables, element by element, and has no output: the first `flat` operands are arrays of one
    // shape, the others are the same for all elements. Such nodes in a row become one launch where they differ
    // in the arrays alone and these lie side by side in memory (flat.h); gaps are then gone over as well. 0: no.
    int flat;
    // Of an elementwise op: operands broadcast to output 0, whose type is the only rounding. false: this node
    // is none of those. NULL: not elementwise.
    bool (*element)(const venn_node *n, venn_element *element);
    venn_joins joins;
    // Makes `host`, a copy of a node of this op, one that does the guest's work as well: another op, its operands,
    // outputs, and params, which go to `params` (VENN_JOIN_PARAMS bytes, zero). false: it cannot. NULL: none can.
    bool (*join)(const venn_profile *profile, const venn_node *guest, venn_node *host,
                 void *params);
} venn_op_desc;

// Appends a node and returns its output 0 (and all outputs through `out` if not NULL), or VENN_NONE
// with the graph's error set. `params` NULL: all zero, the defaults. Trailing optional inputs may be
// left out of n_in. Checks dtypes, count and presence of inputs before calling op->shape.
venn_tensor venn_op_apply(venn_graph *g, const venn_op_desc *op, const venn_tensor *in, int n_in,
                          const void *params, venn_tensor *out);

// The table made from ops.def, ended by NULL; and a search by name (NULL if there is none).
extern const venn_op_desc *const venn_op_table[];
const venn_op_desc *venn_op_find(const char *name);

// The ops that differentiation itself needs, provided by src/ops: ones of a shape, a + b of one shape,
// and x stored as another type.
venn_tensor venn_autodiff_ones(venn_graph *g, venn_shape shape);
venn_tensor venn_autodiff_add(venn_graph *g, venn_tensor a, venn_tensor b);
venn_tensor venn_autodiff_cast(venn_graph *g, venn_tensor x, venn_dtype dtype);

// ---- Recording -------------------------------------------------------------------------------

typedef enum venn_access { VENN_READ = 1, VENN_WRITE = 2, VENN_UPDATE = 3 } venn_access;

typedef struct venn_bind {
    const venn_value *value; // NULL: an absent optional input; the kernel must not touch it
    venn_access access;
} venn_bind;

#define VENN_MAX_BINDS 12
#define VENN_MAX_SPEC 12

// One kernel launch. Binding i of the shader is bind[i] (as storage buffer i, and, in texel variants,
// as texel buffers 16 + i, of four elements, and 32 + i, of one, of the same memory). What the value
// stores, f32, f16 or bf16, the shader learns by specialization constant 16 + i.
typedef struct venn_dispatch {
    const char *kernel;           // "matmul.shuffle": shader stem, dot, variant; or the stem alone
    uint32_t spec[VENN_MAX_SPEC]; // specialization constants 0.. n_spec-1
    int n_spec;
    const void *push; // the shader's push block
    uint32_t push_size;
    venn_bind bind[VENN_MAX_BINDS];
    int n_bind;
    uint32_t groups[3]; // workgroups; 0 in any: nothing to do, nothing recorded
    uint64_t trips;     // summed trip count of ALL loops that remain in one invocation
                        // (unrolled ones do not count), upper bound
} venn_dispatch;

// Records a launch, with the barriers that its operands need. A kernel that breaks a limit of the
// device (groups, ranges, the loop limit) is an error that venn_graph_compile returns.
void venn_record_dispatch(venn_recorder *r, const venn_dispatch *d);
// Without a kernel: fills the whole value, with a pattern of 4 bytes (two elements of a 16-bit value) or
// with a number in its type; copies between values of one type.
void venn_record_fill(venn_recorder *r, const venn_value *dst, uint32_t pattern);
void venn_record_fill_value(venn_recorder *r, const venn_value *dst, float value);
void venn_record_copy(venn_recorder *r, const venn_value *dst, uint64_t dst_offset,
                      const venn_value *src, uint64_t src_offset, uint64_t bytes);
const venn_profile *venn_recorder_profile(const venn_recorder *r);

// Workgroups for `count` items at `per_group` each, folded into x and y below the device's limit;
// the shader's linear index is LINEAR_GROUP (shaders/lib/venn.glsl) and may run past the end.
void venn_groups_linear(const venn_recorder *r, int64_t count, int64_t per_group,
                        uint32_t groups[3]);

#endif
