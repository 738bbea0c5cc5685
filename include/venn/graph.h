// venn/graph.h: build a graph, differentiate it, compile it to a program, run the program.
//
//   build          venn_matmul(g, x, w, ...) and the like (ops.h) append nodes.
//   differentiate  venn_graph_gradients appends the gradient nodes.
//   compile        fixes memory, barriers and kernels, and records everything once.
//   run            one submission of the recorded commands per run.
//
// Errors while building are sticky: a call with bad shapes returns VENN_NONE, calls that are given
// VENN_NONE do nothing, and the first error stays in the graph, with the op's name and the shapes,
// until venn_graph_compile (or venn_graph_status) returns it.
#ifndef VENN_GRAPH_H
#define VENN_GRAPH_H

#include "venn/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

// Nodes and values in the order in which they were appended.
typedef struct venn_graph venn_graph;
// What a graph becomes on a device: recorded once, run often.
typedef struct venn_program venn_program;

// ---- Build -----------------------------------------------------------------------------------

// An empty one, for one thread at a time.
venn_status venn_graph_create(venn_graph **out);
// Programs compiled from the graph stay valid. Takes the handle's address, sets it to NULL, accepts NULL.
void venn_graph_destroy(venn_graph **graph);

// A value that the host writes before each run (venn_program_input). Names are unique in a graph.
venn_tensor venn_graph_input(venn_graph *g, const char *name, venn_dtype dtype, venn_shape shape);
// The input of that name, VENN_NONE if the graph has none yet.
venn_tensor venn_graph_find_input(const venn_graph *g, const char *name);
// The present content of a variable; in-place ops (optimizers, running statistics) change it.
// The same variable always gives the same tensor.
venn_tensor venn_graph_var(venn_graph *g, venn_var *var);
// The counter-based generator's state, i32 [4] = key lo, key hi, step lo, step hi: an input that
// venn_program_set_rng writes. Random ops take it; each draws its own stream of the key and step.
venn_tensor venn_graph_rng(venn_graph *g);
// Make t readable after a run under this name (venn_program_output). Keeps t alive.
void venn_graph_output(venn_graph *g, const char *name, venn_tensor t);
// Names t in messages and debuggers.
void venn_graph_name(venn_graph *g, venn_tensor t, const char *name);
// The part of the work that the nodes appended from here on belong to, "student forward" for one, in
// measurements and traces. Copied; NULL or "" ends the part.
void venn_graph_phase(venn_graph *g, const char *phase);

// VENN_F32 for VENN_NONE.
venn_dtype venn_tensor_dtype(const venn_graph *g, venn_tensor t);
// Rank 0 for VENN_NONE.
venn_shape venn_tensor_shape(const venn_graph *g, venn_tensor t);

// The first error so far, or VENN_OK; its text is venn_graph_error (owned by the graph, "" if none).
venn_status venn_graph_status(const venn_graph *g);
const char *venn_graph_error(const venn_graph *g);

// ---- Differentiate ---------------------------------------------------------------------------

// dx[i] = sum over the elements of y of dy * dy/dx[i], for n tensors x (inputs, variables or values
// in the middle of the graph), each of x's shape. dy has y's shape; VENN_NONE means ones, which for a
// scalar loss is the plain gradient. Where several paths meet, gradients add in a fixed order.
// dx[i] is VENN_NONE where y does not depend on x[i] in a differentiable way (venn_stop_gradient,
// integer operands). May be called several times on one graph, for several losses. VENN_BAD_ARG if
// y is not of this graph; errors are sticky as well.
venn_status venn_graph_gradients(venn_graph *g, venn_tensor y, venn_tensor dy, size_t n,
                                 const venn_tensor *x, venn_tensor *dx);

// ---- Compile ---------------------------------------------------------------------------------

// Whether chains of elementwise ops become one kernel each, made when the graph is compiled. The results are the
// same, bit for bit. AUTO: where it is expected to save more than making the kernels costs. But for OFF, products
// also mask and sum what they write and read anyhow, for which nothing is made; such sums may round otherwise.
typedef enum venn_fuse_mode { VENN_FUSE_AUTO, VENN_FUSE_ON, VENN_FUSE_OFF } venn_fuse_mode;

// How a graph is compiled; zeroed: the defaults.
typedef struct venn_compile_params {
    const char *name; // shows in messages and debuggers; copied; NULL: "program"
    uint32_t slots;   // runs that may be in flight at a time; 0: 3
    bool timestamps;  // measure every node on the device (venn_program_node_times)
    bool keep_all;    // give every value its own memory, so that all can be read afterwards
    bool poison;      // fill reusable memory with NaN before each run (tests)
    bool guard;       // put guard words behind every value and check them (tests)
    uint64_t runs;    // how often the program will run; 0: not known
    // VENN_FUSE=on or off in the environment replaces AUTO; keep_all: off; guard: products alone.
    venn_fuse_mode fuse;
} venn_compile_params;

// params may be NULL. The graph's sticky error comes out here. VENN_UNSUPPORTED names op, feature and
// device; VENN_NO_DEVICE_MEMORY says how many bytes were needed. All variables must be of `device`.
venn_status venn_graph_compile(venn_program **out, venn_graph *g, venn_device *device,
                               const venn_compile_params *params);
// Waits for the program's runs.
void venn_program_destroy(venn_program **program);

// What a graph became.
typedef struct venn_program_info {
    uint32_t nodes;        // live nodes
    uint32_t dispatches;   // kernel launches in one run
    uint32_t fused;        // nodes that became part of another's kernel
    uint32_t barriers;     // pipeline barriers in one run
    uint32_t submissions;  // queue submissions in the last run: more than one only where one would
                           // take longer than the device allows (VENN_SUBMIT_MS)
    uint64_t input_bytes;  // uploaded before each run
    uint64_t output_bytes; // downloaded after each run
    uint64_t transient_bytes; // planned memory for values inside the graph
    uint64_t transient_lower; // the most bytes that are live at one time: no plan can be smaller
    uint64_t transient_naive; // without reuse
    double flops;             // multiply-adds count two
    double compile_us;        // host time of venn_graph_compile, new pipelines included
} venn_program_info;

// Of the program as it is now.
void venn_program_get_info(const venn_program *program, venn_program_info *info);

// ---- Run -------------------------------------------------------------------------------------

// A run: (1) venn_program_begin takes a free slot, waiting for one if all are in flight; (2) write the
// inputs through the pointers that venn_program_input returns; (3) venn_program_submit queues the
// recorded commands: uploads, all dispatches, downloads, as one submission (or several, if it takes long); (4) later,
// venn_program_wait on the ticket and read the outputs. Slots let step 1 of the next run overlap the
// device's work on this one.
venn_status venn_program_begin(venn_program *program);
// Staging memory of input `name` in the slot taken by begin, or NULL if there is no such input. An
// input not written keeps whatever that slot last held.
void *venn_program_input(venn_program *program, const char *name, size_t *bytes);
// Writes the generator's state (no effect if the graph has none).
void venn_program_set_rng(venn_program *program, uint64_t key, uint64_t step);
// Queues the run. *ticket is what to wait for; tickets of a device grow by the order of submission.
venn_status venn_program_submit(venn_program *program, uint64_t *ticket);
// Blocks (never spins). VENN_DEVICE_LOST if the device is gone. The outputs of a ticket stay readable
// until `slots` further runs have begun.
venn_status venn_program_wait(venn_program *program, uint64_t ticket);
// Host copy of output `name` of a finished ticket; NULL if there is none or it was overwritten.
const void *venn_program_output(venn_program *program, uint64_t ticket, const char *name,
                                size_t *bytes);
// begin must have been called: submit and wait in one.
venn_status venn_program_run(venn_program *program, uint64_t *ticket);

// Needs keep_all: the name of the first value, in execution order, that holds an infinity or NaN
// after the last run, in a static-lifetime string of the program; NULL if all are finite.
const char *venn_program_first_nonfinite(venn_program *program);
// Needs guard: VENN_BAD_ARG, naming the value, if any kernel wrote past the end of one.
venn_status venn_program_check_guards(venn_program *program);

// One node in the last run.
typedef struct venn_node_time {
    const char *phase;     // venn_graph_phase; "" outside of any
    const char *op, *name; // of the op, and of the value (venn_graph_name)
    double start_us;       // since the uploads of the run began
    double us;             // until the next node began
    double flops, bytes;   // that the op says it costs; 0 where it says nothing
} venn_node_time;

// Needs timestamps: calls fn in execution order for the uploads ("transfers", op "upload"), every live
// node and the downloads (op "download"), with their times in the last run. VENN_UNSUPPORTED on a queue
// without timestamps.
typedef void (*venn_node_time_fn)(void *user, const venn_node_time *time);
venn_status venn_program_node_times(venn_program *program, venn_node_time_fn fn, void *user);
// When the device began the last run, in nanoseconds of the host's monotonic clock; 0 where the driver
// cannot tell (VK_EXT_calibrated_timestamps).
uint64_t venn_program_began(venn_program *program);
// Device time of a whole ticket in microseconds (timestamps not needed); 0 where the queue has none.
double venn_program_device_time(venn_program *program, uint64_t ticket);
// One line per live node: op, name, shapes, bytes, offset, dispatches. For `venn inspect`.
typedef void (*venn_line_fn)(void *user, const char *line);
void venn_program_describe(const venn_program *program, venn_line_fn fn, void *user);

#ifdef __cplusplus
}
#endif
#endif
