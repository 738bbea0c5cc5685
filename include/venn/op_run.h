// venn/op_run.h: any op of the table by its name: what it takes, and one run of it, forward and
// backward, on arrays of the host. It is what `venn op` is made of, and how anyone can check venn
// against anything; to build networks, call the ops of ops.h instead.
#ifndef VENN_OP_RUN_H
#define VENN_OP_RUN_H

#include "venn/data.h"
#include "venn/device.h"

#ifdef __cplusplus
extern "C" {
#endif

// What no op has more of.
#define VENN_OP_MAX_INPUTS 12
#define VENN_OP_MAX_OUTPUTS 4

// ---- What an op takes ------------------------------------------------------------------------

// All texts below are in static storage.
typedef struct venn_op_info {
    const char *name;
    const char *summary; // one line with the formula
    int n_inputs;        // the last one counts once even if it repeats
    int n_outputs;       // 0: the op only changes inputs in place
    int n_params;
    bool random;         // draws from the generator: seed and step of venn_op_call matter
    bool differentiable; // for some input
    bool half;           // takes f16 and bf16 where its inputs are said to be f32
} venn_op_info;

// Inputs are numbered as in ops.h; the generator's state (venn_graph_rng) is none of them.
typedef struct venn_op_input {
    const char *name;
    venn_dtype dtype;
    const char *domain;  // what its values should be, "any number" for one
    bool optional;       // may be left out
    bool repeats;        // the last input: one or more arrays, VENN_OP_MAX_INPUTS inputs in all
    bool updated;        // changed in place
    bool differentiable; // the op has a gradient for it
} venn_op_input;

// What an op can be told.
typedef struct venn_op_param {
    const char *name;
    const char *type;         // "bool", "int", "float", "ints" (a list, "2,1"), "choice"
    const char *doc;          // one line; says what 0, the default of every parameter, means
    int count;                // numbers in the list, else 1
    const char *const *names; // the choices, the first being the default, then NULL; else NULL
} venn_op_param;

// Op number `index` of the table, in its order; false past the last.
bool venn_op_at(size_t index, venn_op_info *info);
// The op called `name`. VENN_BAD_ARG, with the nearest name, if there is none.
venn_status venn_op_get(const char *name, venn_op_info *info);
// Input or parameter number `index` of the op called `op`; false if there is no such thing. Further
// arrays of an input that repeats have the numbers that follow.
bool venn_op_get_input(const char *op, int index, venn_op_input *input);
bool venn_op_get_param(const char *op, int index, venn_op_param *param);

// ---- Running it ------------------------------------------------------------------------------

// One run of an op: what it is given, and what is wanted of it.
typedef struct venn_op_call {
    const char *op;
    // n_params texts "name=value"; one may hold several, between blanks. Parameters not named are 0,
    // their default.
    const char *const *params;
    size_t n_params;
    // n_x inputs; NULL leaves an optional one out, and so does a short n_x.
    const venn_array *const *x;
    size_t n_x;
    // What arrives at each output for the gradients; NULL: nothing. n_dy = 0: ones at output 0.
    const venn_array *const *dy;
    size_t n_dy;
    uint64_t dy_seed; // with n_dy = 0, if not 0: N(0, 1) drawn from it arrives at every f32 output
    uint32_t gradients;  // bit i: the gradient of x[i] is wanted
    uint64_t seed, step; // of the generator
} venn_op_call;

// Every array is new and belongs to the result.
typedef struct venn_op_result {
    venn_array *y[VENN_OP_MAX_OUTPUTS]; // NULL past the op's outputs
    venn_array *dx[VENN_OP_MAX_INPUTS]; // those wanted, else NULL
    venn_array
        *updated[VENN_OP_MAX_INPUTS];    // new content of the inputs changed in place, else NULL
    venn_array *dy[VENN_OP_MAX_OUTPUTS]; // what dy_seed drew, else NULL
    double flops;                        // of the op itself; a multiply-add counts two
} venn_op_result;

// Runs the op once on `device`:  y = op(x),  dx[i] = sum over the outputs o of dy[o] (d y[o] / d x[i]).
// Inputs changed in place start from the arrays given, which stay as they are. Integer arrays become
// the type that the op wants if every value is one of that type's; f32 arrays never become integers.
//   VENN_BAD_ARG    no such op or parameter, a value not allowed, an input missing or too many, a
//                   gradient of what has none, dy for an output that is not f32
//   VENN_BAD_SHAPE  shapes do not fit; the message has the op's name and every input's shape
//   VENN_BAD_FILE   an array's type does not fit; the message has op, input, both types, array's name
// and whatever venn_graph_compile returns. On failure *result is all NULL.
venn_status venn_op_run(venn_device *device, const venn_op_call *call, venn_op_result *result);
// Frees the arrays; a zeroed result is fine.
void venn_op_result_finish(venn_op_result *result);

// ---- Its test cases --------------------------------------------------------------------------

// One of the cases that venn's own tests run: operands, params and an upstream gradient that fit the
// op. Everything is valid until the function that gets it returns.
typedef struct venn_op_case {
    const char *name;   // "matmul M=7 K=33 act=relu"
    size_t number;      // among the op's cases, from 0
    const char *params; // those that are not 0, "name=value ..."
    venn_op_call call;  // for venn_op_run: every gradient that the op has, dy drawn by dy_seed
} venn_op_case;

// false ends the walk.
typedef bool (*venn_op_case_fn)(void *user, const venn_op_case *c);

// Calls fn for the op's cases number 0, stride, 2 stride, ...; a prime stride meets every value of every
// extent and parameter. Cases that exist to exceed a driver's loop limit, and take minutes elsewhere,
// are not among them. VENN_BAD_ARG for an unknown op or a stride of 0.
venn_status venn_op_cases(const char *op, size_t stride, venn_op_case_fn fn, void *user);

// ---- Putting it to the test ------------------------------------------------------------------

// How far something was off at most, and in which case.
typedef struct venn_op_error {
    double tolerances; // error in units of what is allowed: up to 1 is right
    char where[512];   // op, extents and parameters of the case; "" if nothing was off
} venn_op_error;

#define VENN_OP_TYPES 3 // f32, f16, bf16, at these places

// Of the cases whose operands are of one type; where some are of 16 bits and some not, the former count.
typedef struct venn_op_type_proof {
    const char *type;       // static storage
    bool taken;             // by the op; if not, all below is 0
    int cases, failures;    // that ran
    int unsupported;        // that the device cannot run, and
    char why[512];          // what the first of them said
    double value, gradient; // worst errors in units of what is allowed
} venn_op_type_proof;

// What putting an op to the test found.
typedef struct venn_op_proof {
    const char *op;         // static storage
    int cases, failures;    // that ran, and that failed
    int refused;            // no case and no failure: beyond a limit set by VENN_FAKE_LIMITS
    venn_op_error value;    // outputs and inputs changed in place, against the formula in double
    venn_op_error gradient; // likewise
    venn_op_error formula;  // the gradient's formula in double against finite differences
    venn_op_type_proof types[VENN_OP_TYPES];
    // Of the bits of all results in the order of the cases: equal exactly if all of them are.
    char hash[33];
    int sampled; // cases of the sample, which every run with stride 1, 2 or 4 holds,
    char sample_hash[33];
    double cpu_seconds; // of all cases
    double slowest_seconds;
    char slowest[512];        // the slowest case
    char first_failure[1024]; // "" if there is none
    // What kernels were chosen for: the device's own, or what VENN_FAKE_LIMITS says.
    uint32_t subgroup_size;
    const char *family; // of matmul and convolution: "shuffle", "tile" or "direct"
} venn_op_proof;

// Runs the test cases of the op called `name` on the device: outputs and gradients against the formula
// in double precision, untouched memory around all results, equal bits from run to run. `stride` above
// 1 takes about one case in `stride`, always the same ones. Cases that fail are counted; a negative
// status means that there is no such op (VENN_BAD_ARG).
venn_status venn_op_prove(venn_device *device, const char *name, uint32_t stride,
                          venn_op_proof *proof);
// The proof and the device that it was made on as one line of JSON, for the caller to free(); NULL if
// memory ran out.
char *venn_op_proof_json(const venn_op_proof *proof, const venn_device *device);

// ----------------------------------------------------------------------------------------------

// The hash of an array's type, shape and content as 32 hexadecimal digits: equal exactly if all bits
// are (but for collisions).
void venn_array_checksum(const venn_array *array, char text[33]);

#ifdef __cplusplus
}
#endif
#endif
