// Borders around images (see border.h).
#include "ops/border.h"

const char *const venn_pad_mode_names[] = {"zero", "reflect", "replicate", "symmetric", NULL};

venn_resample_kind venn_border_kind(venn_pad_mode mode)
{
    static const venn_resample_kind kind[] = {
        [VENN_PAD_ZERO] = VENN_RESAMPLE_ZERO,
        [VENN_PAD_REFLECT] = VENN_RESAMPLE_REFLECT,
        [VENN_PAD_REPLICATE] = VENN_RESAMPLE_REPLICATE,
        [VENN_PAD_SYMMETRIC] = VENN_RESAMPLE_SYMMETRIC,
    };
    return kind[mode];
}

int64_t venn_border_widest(venn_pad_mode mode, int64_t extent)
{
    return mode == VENN_PAD_REFLECT     ? extent - 1
           : mode == VENN_PAD_SYMMETRIC ? extent
                                        : INT32_MAX / 4;
}
