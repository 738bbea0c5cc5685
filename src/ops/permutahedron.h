// Soft ranks of one row in double: the projection of x / strength on the permutahedron of (1, .., n)
// (Blondel et al., "Fast Differentiable Sorting and Ranking", ICML 2020), and the way back. For references.
#ifndef VENN_OPS_PERMUTAHEDRON_H
#define VENN_OPS_PERMUTAHEDRON_H

#include <stdbool.h>
#include <stdint.h>

typedef struct venn_soft_ranks {
    int64_t n;
    double strength;
    double *rank;   // [n]
    int64_t *order; // places of x, greatest first
    int64_t *block; // by place in that order: the first of the block that was pooled with it
} venn_soft_ranks;

// false if there is no memory.
bool venn_soft_ranks_init(venn_soft_ranks *s, int64_t n, double strength);
void venn_soft_ranks_finish(venn_soft_ranks *s);
void venn_soft_ranks_compute(venn_soft_ranks *s, const double *x);
// dx = the gradient for x of the sum of dy rank.
void venn_soft_ranks_gradient(const venn_soft_ranks *s, const double *dy, double *dx);

#endif
