// Sound files and log-mel pictures. The golden pictures are what this numpy formula prints:
//   h = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(W) / W)
//   P = [abs(np.fft.rfft(h * x[t*H:t*H+W], fft))**2 * 4 / h.sum()**2 for t in range(frames)]
//   m = lambda f: 2595 * np.log10(1 + f / 700);  f = np.arange(fft//2 + 1) * rate / fft
//   e = 700 * (10**(np.linspace(m(low), m(high), bands + 2) / 2595) - 1)
//   B[b] = np.clip(np.minimum((f - e[b]) / (e[b+1] - e[b]),
//                             (e[b+2] - f) / (e[b+2] - e[b+1])), 0, None)
//   10 * np.log10(B @ P.T)
#include <criterion/criterion.h>
#include <math.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/sound.h"
#include "data_files.h"

static venn_status try_sound(const char *name, const uint8_t *data, size_t size)
{
    venn_array *array = NULL;
    int32_t rate;
    venn_status status = venn_sound_parse(&array, name, data, size, &rate);
    venn_array_destroy(&array);
    return status;
}

// 0.3 sin(2 pi 440 i / 8000) + 0.1 cos(2 pi 1500.5 i / 8000) [i mod 400 < 200]
static venn_array *make_sound(int64_t count)
{
    venn_array *sound;
    cr_assert_eq(venn_array_create(&sound, "sound", VENN_F32, VENN_SHAPE(count)), VENN_OK);
    for (int64_t i = 0; i < count; i++)
        ((float *)sound->data)[i] =
            (float)(0.3 * sin(2 * M_PI * 440 * (double)i / 8000) +
                    (i % 400 < 200 ? 0.1 * cos(2 * M_PI * 1500.5 * (double)i / 8000) : 0));
    return sound;
}

static void write_sound(const char *name, int format, int channels, const float *frames, int count)
{
    SF_INFO info = {.samplerate = 8000, .channels = channels, .format = format};
    SNDFILE *file = sf_open(scratch_path(name), SFM_WRITE, &info);
    cr_assert(file, "%s", sf_strerror(NULL));
    cr_assert_eq(sf_writef_float(file, frames, count), count);
    sf_close(file);
}

static void check_file(const char *name, int format)
{
    const float frames[] = {0, 0.5f, -0.25f, -0.25f, 0.75f, 0.25f, -1, 0.5f};
    scratch_text(name, "");
    write_sound(name, format, 2, frames, 4);
    venn_array *sound = NULL;
    int32_t rate = 0;
    cr_assert_eq(venn_sound_read(&sound, scratch_path(name), &rate), VENN_OK, "%s",
                 venn_error_message());
    cr_assert_eq(rate, 8000);
    cr_assert(shape_is(sound, VENN_SHAPE(4)));
    const float mono[] = {0.25f, -0.25f, 0.5f, -0.25f};
    for (int i = 0; i < 4; i++)
        cr_assert_float_eq(((float *)sound->data)[i], mono[i], 1e-4);
    venn_array_destroy(&sound);
    void *data;
    size_t size;
    cr_assert_eq(venn_file_read(scratch_path(name), 0, &data, &size), VENN_OK);
    check_truncations(try_sound, data, size);
    check_corruptions(try_sound, data, size);
    free(data);
}

Test(data_sound, wav)
{
    check_file("a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16);
}

Test(data_sound, flac)
{
    check_file("a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
}

Test(data_sound, refused)
{
    scratch_text("a.wav", "");
    write_sound("a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 1, NULL, 0);
    venn_array *sound = NULL;
    int32_t rate;
    check_fails(venn_sound_read(&sound, scratch_path("a.wav"), &rate), VENN_BAD_FILE, "a.wav");
    check_fails(try_sound("a.mp3", (const uint8_t *)"ID3", 3), VENN_BAD_FILE, "neither a WAV");
}

static void check_mel(int64_t count, venn_mel_params params, int bands, int frames,
                      const double *expected)
{
    venn_array *sound = make_sound(count), *mel = NULL;
    cr_assert_eq(venn_log_mel(&mel, sound, &params), VENN_OK, "%s", venn_error_message());
    cr_assert(shape_is(mel, VENN_SHAPE(bands, frames)));
    for (int i = 0; i < bands * frames; i++)
        cr_assert_float_eq(((float *)mel->data)[i], expected[i], 2e-3, "%d: %g, not %g", i,
                           (double)((float *)mel->data)[i], expected[i]);
    venn_array_destroy(&sound);
    venn_array_destroy(&mel);
}

Test(data_sound, log_mel_golden)
{
    // The 520 samples that 5 frames span are the middle of 700.
    const double cut[] = {-14.02853, -14.00416, -14.01492, -14.01306, -14.00466, -8.78178,
                          -8.76195,  -8.76495,  -8.77655,  -8.76061,  -40.40175, -51.0734,
                          -45.67195, -42.50494, -53.15473, -20.29057, -44.44101, -32.53925,
                          -18.81916, -18.07364, -26.30283, -48.27396, -37.51196, -24.99623,
                          -24.41662, -42.47066, -56.40991, -47.83002, -44.09887, -72.93695};
    check_mel(700, (venn_mel_params){.rate = 8000, .bands = 6, .frames = 5}, 6, 5, cut);
    // 301 samples, padded to the 440 of 4 frames; divided by the peak.
    const double padded[] = {-0.77996,  0.03836,   0.01684,   -0.86704,  -13.20775, -12.97496,
                             -15.17083, -21.43574, -12.05847, -11.32276, -13.52484, -33.567};
    check_mel(
        301,
        (venn_mel_params){
            .rate = 8000, .bands = 3, .frames = 4, .low_hz = 100, .high_hz = 3000, .peak = true},
        3, 4, padded);
}

Test(data_sound, log_mel_frames_and_floor)
{
    venn_array *sound = make_sound(441), *mel = NULL;
    venn_mel_params params = {.rate = 8000, .bands = 4, .floor_db = -20};
    // One sample past 4 frames (440): a fifth.
    cr_assert_eq(venn_log_mel(&mel, sound, &params), VENN_OK);
    cr_assert(shape_is(mel, VENN_SHAPE(4, 5)));
    venn_array_destroy(&mel);
    memset(sound->data, 0, venn_array_bytes(sound));
    params.peak = true;
    cr_assert_eq(venn_log_mel(&mel, sound, &params), VENN_OK);
    for (int i = 0; i < 20; i++)
        cr_assert_eq(((float *)mel->data)[i], -20);
    venn_array_destroy(&mel);
    venn_array_destroy(&sound);
}

static void refuse_mel(venn_mel_params params, const char *part)
{
    venn_array *sound = make_sound(400), *mel = NULL;
    check_fails(venn_log_mel(&mel, sound, &params), VENN_BAD_ARG, part);
    venn_array_destroy(&sound);
}

Test(data_sound, log_mel_refuses)
{
    refuse_mel((venn_mel_params){0}, "at 0 Hz");
    refuse_mel((venn_mel_params){.rate = 8000, .window_ms = 1e30f}, "window");
    refuse_mel((venn_mel_params){.rate = 8000, .hop_ms = -1}, "hop");
    refuse_mel((venn_mel_params){.rate = 8000, .fft = 128}, "window's 200 samples");
    refuse_mel((venn_mel_params){.rate = 8000, .fft = 255}, "even");
    refuse_mel((venn_mel_params){.rate = 8000, .bands = -1}, "-1 bands");
    refuse_mel((venn_mel_params){.rate = 8000, .bands = 120}, "fewer bands");
    refuse_mel((venn_mel_params){.rate = 8000, .high_hz = 5000}, "5000");
    refuse_mel((venn_mel_params){.rate = 8000, .low_hz = NAN}, "nan");
    refuse_mel((venn_mel_params){.rate = 8000, .floor_db = 3}, "negative");
}
