// Log-mel pictures: Hann window, kissfft, triangles on the HTK mel scale, decibels. The recording
// is placed in the middle of the span that the frames cover, so every picture has the same shape.
#include <kiss_fftr.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/log_mel.h"

typedef struct triangle {
    int begin, end; // bins
    double *weight; // end - begin of them
} triangle;

struct venn_mel {
    venn_mel_params params;
    int window, hop;
    kiss_fftr_cfg fft;
    float *hann, *frame;    // window, fft
    kiss_fft_cpx *spectrum; // fft / 2 + 1
    double *power;          // fft / 2 + 1
    double gain;            // 4 / (sum of hann)^2
    triangle *band;
};

static double hz_to_mel(double hz)
{
    return 2595.0 * log10(1.0 + hz / 700.0);
}

static double mel_to_hz(double mel)
{
    return 700.0 * (pow(10.0, mel / 2595.0) - 1.0);
}

static void fill_defaults(venn_mel *mel)
{
    venn_mel_params *p = &mel->params;
    if (p->window_ms == 0)
        p->window_ms = 25;
    if (p->hop_ms == 0)
        p->hop_ms = 10;
    if (p->bands == 0)
        p->bands = 40;
    if (p->high_hz == 0)
        p->high_hz = (float)p->rate / 2;
    if (p->floor_db == 0)
        p->floor_db = -80;
    // Tested as a double: the product may be beyond an int.
    double window = round((double)p->rate * (double)p->window_ms / 1000);
    double hop = round((double)p->rate * (double)p->hop_ms / 1000);
    mel->window = window >= 1 && window <= 1 << 20 ? (int)window : 0;
    mel->hop = hop >= 1 && hop <= 1 << 20 ? (int)hop : 0;
    if (p->fft == 0)
        for (p->fft = 2; p->fft < mel->window;)
            p->fft *= 2;
}

static venn_status check(const venn_mel *mel)
{
    const venn_mel_params *p = &mel->params;
    if (p->rate <= 0 || mel->window == 0 || mel->hop == 0)
        return venn_fail(
            VENN_BAD_ARG,
            "log-mel: a window of %g ms and a hop of %g ms at %d Hz; each must be 1 to "
            "1048576 samples",
            (double)p->window_ms, (double)p->hop_ms, p->rate);
    if (p->fft < mel->window || p->fft % 2 || p->fft > 1 << 21)
        return venn_fail(VENN_BAD_ARG,
                         "log-mel: fft is %d; it must be even and at least the window's %d samples",
                         p->fft, mel->window);
    if (p->bands < 1 || p->bands > p->fft / 2 || p->frames < 0 || p->frames > 1 << 20)
        return venn_fail(VENN_BAD_ARG, "log-mel: %d bands and %d frames with an fft of %d points",
                         p->bands, p->frames, p->fft);
    if (!(p->low_hz >= 0) || !(p->high_hz > p->low_hz) || p->high_hz > (float)p->rate / 2)
        return venn_fail(VENN_BAD_ARG, "log-mel: the band from %g to %g Hz is not within 0 to %g",
                         (double)p->low_hz, (double)p->high_hz, p->rate / 2.0);
    if (!(p->floor_db < 0))
        return venn_fail(VENN_BAD_ARG, "log-mel: floor_db is %g; it must be negative",
                         (double)p->floor_db);
    return VENN_OK;
}

static venn_status make_triangle(venn_mel *mel, int band)
{
    const venn_mel_params *p = &mel->params;
    double low = hz_to_mel((double)p->low_hz);
    double step = (hz_to_mel((double)p->high_hz) - low) / (p->bands + 1);
    double left = mel_to_hz(low + step * band), middle = mel_to_hz(low + step * (band + 1));
    double right = mel_to_hz(low + step * (band + 2)), bin = (double)p->rate / p->fft;
    triangle *t = &mel->band[band];
    t->begin = (int)floor(left / bin);
    t->end = (int)fmin(ceil(right / bin) + 1, p->fft / 2 + 1);
    t->weight = venn_alloc((size_t)(t->end - t->begin), sizeof(double));
    if (!t->weight)
        return VENN_NO_MEMORY;
    double sum = 0;
    for (int k = t->begin; k < t->end; k++) {
        double hz = k * bin;
        double weight = fmin((hz - left) / (middle - left), (right - hz) / (right - middle));
        sum += t->weight[k - t->begin] = fmax(weight, 0);
    }
    if (sum == 0)
        return venn_fail(VENN_BAD_ARG,
                         "log-mel: band %d (%.0f to %.0f Hz) holds no frequency of the %d-point "
                         "fft; use fewer bands or a longer fft",
                         band, left, right, p->fft);
    return VENN_OK;
}

static venn_status allocate(venn_mel *mel)
{
    size_t bins = (size_t)mel->params.fft / 2 + 1;
    mel->hann = venn_alloc((size_t)mel->window, sizeof *mel->hann);
    mel->frame = venn_alloc((size_t)mel->params.fft, sizeof *mel->frame);
    mel->spectrum = venn_alloc(bins, sizeof *mel->spectrum);
    mel->power = venn_alloc(bins, sizeof *mel->power);
    mel->band = venn_alloc((size_t)mel->params.bands, sizeof *mel->band);
    if (!mel->hann || !mel->frame || !mel->spectrum || !mel->power || !mel->band)
        return VENN_NO_MEMORY;
    mel->fft = kiss_fftr_alloc(mel->params.fft, 0, NULL, NULL);
    if (!mel->fft)
        return venn_fail(VENN_NO_MEMORY, "log-mel: out of host memory for an fft of %d points",
                         mel->params.fft);
    return VENN_OK;
}

static venn_status prepare(venn_mel *mel)
{
    fill_defaults(mel);
    VENN_TRY(check(mel));
    VENN_TRY(allocate(mel));
    double sum = 0;
    for (int i = 0; i < mel->window; i++) {
        double hann = 0.5 - 0.5 * cos(6.283185307179586 * i / mel->window);
        mel->hann[i] = (float)hann;
        sum += hann;
    }
    mel->gain = 4 / (sum * sum);
    for (int b = 0; b < mel->params.bands; b++)
        VENN_TRY(make_triangle(mel, b));
    return VENN_OK;
}

venn_status venn_mel_create(venn_mel **out, const venn_mel_params *params)
{
    venn_mel *mel = VENN_NEW(venn_mel);
    if (!mel)
        return VENN_NO_MEMORY;
    mel->params = *params;
    venn_status status = prepare(mel);
    if (status < 0)
        venn_mel_destroy(&mel);
    else
        *out = mel;
    return status;
}

void venn_mel_destroy(venn_mel **handle)
{
    venn_mel *mel = *handle;
    if (!mel)
        return;
    for (int b = 0; mel->band && b < mel->params.bands; b++)
        free(mel->band[b].weight);
    free(mel->band);
    free(mel->hann);
    free(mel->frame);
    free(mel->spectrum);
    free(mel->power);
    kiss_fftr_free(mel->fft);
    free(mel);
    *handle = NULL;
}

const venn_mel_params *venn_mel_resolved(const venn_mel *mel)
{
    return &mel->params;
}

int64_t venn_mel_frames(const venn_mel *mel, size_t count)
{
    if (mel->params.frames)
        return mel->params.frames;
    size_t window = (size_t)mel->window, hop = (size_t)mel->hop;
    return 1 + (int64_t)(count > window ? (count - window + hop - 1) / hop : 0);
}

// One frame's power spectrum; `start` may lie before or behind the sound, which is silence.
static void transform(venn_mel *mel, const float *sound, int64_t count, int64_t start, double scale)
{
    for (int i = 0; i < mel->window; i++) {
        int64_t at = start + i;
        double sample = at >= 0 && at < count ? (double)sound[at] * scale : 0;
        mel->frame[i] = (float)(sample * (double)mel->hann[i]);
    }
    kiss_fftr(mel->fft, mel->frame, mel->spectrum);
    for (int k = 0; k <= mel->params.fft / 2; k++) {
        double r = (double)mel->spectrum[k].r, i = (double)mel->spectrum[k].i;
        mel->power[k] = (r * r + i * i) * mel->gain;
    }
}

void venn_mel_apply(venn_mel *mel, const float *sound, size_t count, float *out)
{
    double peak = 0;
    for (size_t i = 0; i < count && mel->params.peak; i++)
        peak = fmax(peak, fabs((double)sound[i]));
    int64_t frames = venn_mel_frames(mel, count);
    int64_t span = (frames - 1) * mel->hop + mel->window;
    int64_t spare = (int64_t)count - span; // cut off, or missing where negative
    int64_t start = spare >= 0 ? spare / 2 : -(-spare / 2);
    for (int64_t t = 0; t < frames; t++) {
        transform(mel, sound, (int64_t)count, start + t * mel->hop, peak > 0 ? 1 / peak : 1);
        for (int b = 0; b < mel->params.bands; b++) {
            const triangle *band = &mel->band[b];
            double sum = 0;
            for (int k = band->begin; k < band->end; k++)
                sum += band->weight[k - band->begin] * mel->power[k];
            double db = sum > 0 ? 10 * log10(sum) : -INFINITY;
            out[b * frames + t] = (float)fmax(db, (double)mel->params.floor_db);
        }
    }
}

venn_status venn_log_mel(venn_array **out, const venn_array *sound, const venn_mel_params *params)
{
    if (sound->dtype != VENN_F32 || sound->shape.rank != 1)
        return venn_fail(VENN_BAD_SHAPE, "log-mel: the sound must be one row of f32 samples");
    venn_mel *mel;
    VENN_TRY(venn_mel_create(&mel, params));
    size_t count = (size_t)sound->shape.dim[0];
    venn_status status = venn_array_create(
        out, sound->name, VENN_F32, VENN_SHAPE(mel->params.bands, venn_mel_frames(mel, count)));
    if (status == VENN_OK)
        venn_mel_apply(mel, sound->data, count, (*out)->data);
    venn_mel_destroy(&mel);
    return status;
}
