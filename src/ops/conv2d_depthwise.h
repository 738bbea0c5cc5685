// The passes of conv2d by kernels of their own where a group has one channel of x and few of y
// (conv2d_depthwise.comp); called by conv2d_pass.c.
#ifndef VENN_OPS_CONV2D_DEPTHWISE_H
#define VENN_OPS_CONV2D_DEPTHWISE_H

#include "ops/conv2d_pass.h"

bool venn_conv_is_depthwise(const venn_conv *o);
// As venn_conv_workspace and venn_conv2d_record.
uint64_t venn_conv_depthwise_workspace(const venn_conv *o, venn_conv_pass pass);
void venn_conv_depthwise_record(venn_recorder *r, const venn_node *n, const venn_conv *o,
                                venn_conv_pass pass, const venn_value *const in[2],
                                const venn_value *bias, int act);

#endif
