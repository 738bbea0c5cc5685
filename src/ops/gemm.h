// The front end shared by the ops that are matrix products (matmul, conv2d): how a product is cut into
// tiles and parts for a device, and the small kernels around it (gemm.comp). The product kernels
// themselves belong to the ops; their grid and push block start as shaders/lib/gemm.glsl says.
#ifndef VENN_OPS_GEMM_H
#define VENN_OPS_GEMM_H

#include "graph/op.h"

// y[m, n] = sum over k, for `batch` independent pairs. Columns may be wide: n is what lanes run over.
typedef struct venn_gemm {
    int64_t m, n, k, batch;
    bool whole; // no parts: the epilogue is in the kernel (parts are still made for the loop limit)
    const char *name; // of kernels and layouts, for the tuner: "matmul.nt"
    // A lane of the shuffle family looks up one k of an iteration: no more than lanes.
    bool lanes_find_k;
    bool has_short; // the kernel has gemm_short.glsl for short sums
    // Of both operands, where the kernel has a variant of the coop family; else VENN_F32.
    venn_dtype type;
} venn_gemm;

// Whether an operand is copied into panels: where the rule says so, never, or wherever it can be.
typedef enum venn_panels { VENN_PANELS_BY_RULE, VENN_PANELS_NEVER, VENN_PANELS_ALWAYS } venn_panels;

enum {
    VENN_GEMM_DIRECT_COLUMNS = 64,                     // gemm_direct.glsl: of a workgroup
    VENN_GEMM_WIDE_BYTES = 2 * 16 * (128 / 4 + 1) * 16 // gemm_tile.glsl: shared memory, if WIDE
};

typedef struct venn_gemm_plan {
    venn_family family;
    bool wide;               // gemm_tile.glsl: WIDE; gemm_coop.glsl: the larger QUARTER
    uint32_t tile_m, tile_n; // outputs of one workgroup
    uint32_t k_step;         // k's of one loop iteration; k_part is a multiple of it
    uint32_t blocks;         // gemm_short.glsl: BLOCKS
    uint32_t tiles_m, tiles_n;
    uint32_t parts, k_part; // parts > 1: each writes its sum; venn_gemm_reduce adds them
    uint32_t local_size;
    venn_panels panels;
    uint32_t step_trips, end_trips; // loop iterations in one of those and behind the last one
    uint64_t trips;
} venn_gemm_plan;

// gemm_coop.c: whether the device multiplies by cooperative matrices, and the plan up to its parts.
bool venn_gemm_is_coop(const venn_profile *profile, const venn_gemm *gemm);
void venn_gemm_coop_plan(const venn_profile *profile, const venn_gemm *gemm, venn_gemm_plan *plan);

// By rule alone, and as tuned.
venn_gemm_plan venn_gemm_rule_plan(const venn_profile *profile, const venn_gemm *gemm);
venn_gemm_plan venn_gemm_make_plan(const venn_profile *profile, const venn_gemm *gemm);
// gemm_tuning.c: what was tuned for products of this kind.
void venn_gemm_tune(const venn_profile *profile, const venn_gemm *gemm, venn_gemm_plan *plan);
// Completes a plan that has its family, tile_m, tile_n, k_step, parts and k_part.
void venn_gemm_fit_plan(const venn_profile *profile, const venn_gemm *gemm, venn_gemm_plan *plan);
// Floats between the parts, a multiple of 4; and the scratch bytes of all parts (0 for one part).
uint64_t venn_gemm_part_stride(const venn_gemm *gemm);
uint64_t venn_gemm_workspace(const venn_gemm_plan *plan, const venn_gemm *gemm);
// The start of a product's push block (GEMM_PUSH) and the grid.
void venn_gemm_grid(const venn_recorder *r, const venn_gemm_plan *plan, const venn_gemm *gemm,
                    uint32_t *push, uint32_t groups[3]);

// x [k, columns] as panels of `width` columns each, [panels, k, width], `start` floats into y; columns,
// width and start are multiples of 4. Where a large power of two lies between the rows of x, a tile's
// reads evict one another from caches and the TLB; in a panel they lie together.
int64_t venn_gemm_panel_floats(int64_t k, int64_t columns, int64_t width);
void venn_gemm_pack(venn_recorder *r, const venn_value *x, int64_t k, int64_t columns,
                    int64_t width, const venn_value *y, int64_t start);

// What follows a product on its way to memory: a bias for each column, an activation, and a factor: the slope of
// the activation gate_act where its result was gate[i].
typedef struct venn_gemm_end {
    const venn_value *bias, *gate; // NULL: none
    const venn_value *tail; // what follows y in each part, from a group of four on; NULL: nothing
    int act, gate_act;
} venn_gemm_end;

// y[i] = end of the sum over parts of scratch; n columns.
void venn_gemm_reduce(venn_recorder *r, const venn_value *scratch, const venn_gemm_end *end,
                      const venn_value *y, int64_t n, uint32_t parts, uint64_t stride);

// The names of venn_activation, for param tables.
extern const char *const venn_activation_names[];
// Appends dz = dy act'(y); dy itself for no activation. y is the activated output. Its params are the activation;
// its operands y and dy, the latter of which may come from a product that does this on its way.
extern const venn_op_desc venn_gemm_mask_op;
venn_tensor venn_gemm_mask(venn_graph *g, venn_tensor y, venn_tensor dy, int act);
// Appends the sum of x over all axes but `axis`, its params: a bias's gradient, which a product that reads x may
// take on its way.
extern const venn_op_desc venn_gemm_bias_op;
venn_tensor venn_gemm_bias_gradient(venn_graph *g, venn_tensor x, int axis);
// act(v) and act'(v) from y = act(v), in double, for references.
double venn_gemm_act(double v, int act);
double venn_gemm_act_slope(double y, int act);

// Fills the three words of a DIVISOR (shaders/lib/fastdiv.glsl) for 1 <= d <= 2^31.
void venn_divisor_fill(uint32_t d, uint32_t *value, uint32_t *mul, uint32_t *shift);
#define VENN_SET_DIVISOR(push, name, d)                                                            \
    venn_divisor_fill((d), &(push)->name, &(push)->name##_mul, &(push)->name##_shift)

#endif
