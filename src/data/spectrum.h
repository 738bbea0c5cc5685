// Magnitudes of short-time Fourier transforms, brought to a number of frames.
#ifndef VENN_DATA_SPECTRUM_H
#define VENN_DATA_SPECTRUM_H

#include "venn/data.h"

typedef struct venn_stft_params {
    int32_t rate;   // Hz, of the sound
    int32_t fft;    // points, even: the frame and its Hann window
    int32_t hop;    // samples
    int32_t frames; // of the picture
    double
        peak; // the sound is first divided by this and its largest |sample| (silence is not); 0: not at all
} venn_stft_params;

// VENN_BAD_ARG for measures that are none.
venn_status venn_stft_check(const venn_stft_params *p);

// out: [fft / 2 + 1, frames]. The frames of `count` samples are centred on 0, hop, 2 hop, ..., up to count; the sound is
// mirrored at both ends. If these 1 + count / hop frames are not as many as wanted, each band is interpolated linearly
// between the middles of frames, as bilinear resizing does it. VENN_BAD_FILE for a sound too short to be mirrored.
venn_status venn_stft_apply(const venn_stft_params *p, const char *name, const float *sound,
                            size_t count, float *out);

#endif
