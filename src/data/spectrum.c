#include "data/spectrum.h"

#include <kiss_fftr.h>
#include <math.h>
#include <stdlib.h>

#include "base/status.h"

typedef struct stft {
    const venn_stft_params *p;
    kiss_fftr_cfg fft;
    float *hann, *frame;    // fft
    kiss_fft_cpx *spectrum; // fft / 2 + 1
    float *found;           // [found frames, fft / 2 + 1]
} stft;

venn_status venn_stft_check(const venn_stft_params *p)
{
    if (p->rate < 1 || p->fft < 2 || p->fft % 2 || p->fft > 1 << 20 || p->hop < 1 ||
        p->frames < 1 || p->frames > 1 << 20 || !(p->peak >= 0))
        return venn_fail(VENN_BAD_ARG,
                         "stft: rate, hop and frames are from 1 on, fft is even and at most "
                         "1048576, peak is not negative");
    return VENN_OK;
}

static int64_t mirrored(int64_t at, int64_t count)
{
    at = at < 0 ? -at : at;
    return at < count ? at : 2 * (count - 1) - at;
}

static void transform(stft *s, const float *sound, int64_t count, int64_t middle, double scale,
                      float *out)
{
    const int n = s->p->fft;
    for (int i = 0; i < n; i++) {
        const double sample = (double)sound[mirrored(middle - n / 2 + i, count)] * scale;
        s->frame[i] = (float)(sample * (double)s->hann[i]);
    }
    kiss_fftr(s->fft, s->frame, s->spectrum);
    for (int k = 0; k <= n / 2; k++)
        out[k] = hypotf(s->spectrum[k].r, s->spectrum[k].i);
}

static void spread(const stft *s, int64_t found, float *out)
{
    const int64_t bands = s->p->fft / 2 + 1, frames = s->p->frames;
    for (int64_t t = 0; t < frames; t++) {
        const double at = ((double)t + 0.5) * (double)found / (double)frames - 0.5;
        const double inside = fmin(fmax(at, 0), (double)(found - 1));
        const int64_t left = (int64_t)inside, right = left + 1 < found ? left + 1 : left;
        const double part = inside - (double)left;
        for (int64_t b = 0; b < bands; b++)
            out[b * frames + t] = (float)((1 - part) * (double)s->found[left * bands + b] +
                                          part * (double)s->found[right * bands + b]);
    }
}

static venn_status prepare(stft *s, int64_t found)
{
    const size_t n = (size_t)s->p->fft, bands = n / 2 + 1;
    s->hann = venn_alloc(n, sizeof *s->hann);
    s->frame = venn_alloc(n, sizeof *s->frame);
    s->spectrum = venn_alloc(bands, sizeof *s->spectrum);
    s->found = venn_alloc((size_t)found * bands, sizeof *s->found);
    if (!s->hann || !s->frame || !s->spectrum || !s->found)
        return VENN_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        s->hann[i] = (float)(0.5 - 0.5 * cos(6.283185307179586 * (double)i / (double)n));
    s->fft = kiss_fftr_alloc(s->p->fft, 0, NULL, NULL);
    return s->fft ? VENN_OK
                  : venn_fail(VENN_NO_MEMORY, "stft: out of host memory for %d points", s->p->fft);
}

venn_status venn_stft_apply(const venn_stft_params *p, const char *name, const float *sound,
                            size_t count, float *out)
{
    stft s = {.p = p};
    if (count <= (size_t)p->fft / 2)
        return venn_fail(VENN_BAD_FILE,
                         "%s: %zu samples; a frame of %d needs more than half as "
                         "many",
                         name, count, p->fft);
    const int64_t found = 1 + (int64_t)count / p->hop;
    venn_status status = prepare(&s, found);
    double peak = 0;
    for (size_t i = 0; i < count && p->peak > 0; i++)
        peak = fmax(peak, fabs((double)sound[i]));
    for (int64_t t = 0; t < found && status == VENN_OK; t++)
        transform(&s, sound, (int64_t)count, t * p->hop, peak > 0 ? 1 / (p->peak * peak) : 1,
                  s.found + t * (p->fft / 2 + 1));
    if (status == VENN_OK)
        spread(&s, found, out);
    kiss_fftr_free(s.fft);
    free(s.hann);
    free(s.frame);
    free(s.spectrum);
    free(s.found);
    return status;
}
