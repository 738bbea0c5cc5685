// A log-mel transform made once for many recordings.
#ifndef VENN_DATA_LOG_MEL_H
#define VENN_DATA_LOG_MEL_H

#include "venn/data.h"

typedef struct venn_mel venn_mel;

venn_status venn_mel_create(venn_mel **out, const venn_mel_params *params);
void venn_mel_destroy(venn_mel **mel);

// The parameters with every default filled in.
const venn_mel_params *venn_mel_resolved(const venn_mel *mel);
// How many frames a sound of `count` samples makes.
int64_t venn_mel_frames(const venn_mel *mel, size_t count);
// out: [bands, venn_mel_frames].
void venn_mel_apply(venn_mel *mel, const float *sound, size_t count, float *out);

#endif
