// Borders around images, for the ops that have a venn_pad_mode.
#ifndef VENN_OPS_BORDER_H
#define VENN_OPS_BORDER_H

#include "ops/resample.h"
#include "venn/ops.h"

extern const char *const venn_pad_mode_names[];

// How resampling calls the mode.
venn_resample_kind venn_border_kind(venn_pad_mode mode);
// The widest border that the mode can fill from `extent` pixels.
int64_t venn_border_widest(venn_pad_mode mode, int64_t extent);

#endif
