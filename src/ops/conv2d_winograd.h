// The passes of conv2d by Winograd's minimal products, for kernels of 5x5 and 3x3 (conv2d_winograd.comp): a sixth and
// a quarter of the multiplications, at the price of a few more bits of rounding and a larger workspace; called by
// conv2d_pass.c.
#ifndef VENN_OPS_CONV2D_WINOGRAD_H
#define VENN_OPS_CONV2D_WINOGRAD_H

#include "ops/conv2d_pass.h"

// Whether a pass is better computed so on this device.
bool venn_conv_is_winograd(const venn_profile *profile, const venn_conv *o, venn_conv_pass pass);
// How many times a plain sum's rounding errors a pass may have; 1 where it is not computed so.
double venn_conv_winograd_rounding(const venn_profile *profile, const venn_conv *o,
                                   venn_conv_pass pass);
// As venn_conv_workspace and venn_conv2d_record.
uint64_t venn_conv_winograd_workspace(const venn_conv *o, venn_conv_pass pass);
void venn_conv_winograd_record(venn_recorder *r, const venn_node *n, const venn_conv *o,
                               venn_conv_pass pass, const venn_value *const in[2],
                               const venn_value *bias, int act);

#endif
