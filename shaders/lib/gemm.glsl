// What every matrix product kernel shares: y[m, n] = act(sum over k of a[m, k] b[k, n] + bias), cut in
// tiles of y and, where k is long, in parts of k whose sums gemm.reduce adds in order. The grid is
// (tiles folded into x and y, parts * batch).
#include "fastdiv.glsl"
#define GEMM_PUSH uint m; uint n; uint k; uint k_part; uint tiles_m; uint parts; DIVISOR(tiles_n)

#ifndef VENN_HOST
#include "activation.glsl"

// Which tile, batch entry and part of k this workgroup computes. The tile may be past the end.
#define GEMM_TILE_M DIV(LINEAR_GROUP, tiles_n)
#define GEMM_TILE_N (LINEAR_GROUP - GEMM_TILE_M * tiles_n)
#define GEMM_PAST_END (GEMM_TILE_M >= tiles_m)
#define GEMM_PART (gl_WorkGroupID.z % parts)
#define GEMM_BATCH (gl_WorkGroupID.z / parts)
#endif
