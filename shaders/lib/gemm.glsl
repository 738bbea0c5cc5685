// What every matrix product kernel shares: y[m, n] = act(sum over k of a[m, k] b[k, n] + bias), cut in
// tiles of y and, where k is long, in parts of k whose sums gemm.reduce adds in order. The grid is
// (tiles folded into x and y, parts * batch).
#include "fastdiv.glsl"
//
// Tiles are numbered along rows of tiles, `runs` of them with run_tiles each; or, by_column, along columns, as
// pays where b is large and the few tiles that share a part of it should follow each other.
#define GEMM_PUSH uint m; uint n; uint k; uint k_part; uint by_column; uint runs; uint parts; DIVISOR(run_tiles)

#ifndef VENN_HOST
#include "activation.glsl"

// Which tile, batch entry and part of k this workgroup computes. The tile may be past the end.
#define GEMM_RUN DIV(LINEAR_GROUP, run_tiles)
#define GEMM_IN_RUN (LINEAR_GROUP - GEMM_RUN * run_tiles)
#define GEMM_TILE_M (by_column != 0 ? GEMM_IN_RUN : GEMM_RUN)
#define GEMM_TILE_N (by_column != 0 ? GEMM_RUN : GEMM_IN_RUN)
#define GEMM_PAST_END (GEMM_RUN >= runs)
#define GEMM_PART (gl_WorkGroupID.z % parts)
#define GEMM_BATCH (gl_WorkGroupID.z / parts)
#endif
