// WAV and FLAC by libsndfile. libsndfile mends a WAV whose chunks are cut short, and has decoders for thirty
// kinds of numbers, so the chunks are walked here first and only plain kinds are let through; samples are read in
// blocks, so that no header's promise is allocated for.
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/blob.h"
#include "data/sound.h"

enum { BLOCK = 8192, CHANNELS_MAX = 64 }; // numbers

typedef struct cursor {
    const uint8_t *data;
    sf_count_t size, at;
} cursor;

static sf_count_t cursor_length(void *user)
{
    return ((cursor *)user)->size;
}

static sf_count_t cursor_seek(sf_count_t offset, int whence, void *user)
{
    cursor *c = user;
    sf_count_t base = whence == SEEK_CUR ? c->at : whence == SEEK_END ? c->size : 0;
    sf_count_t at;
    if (__builtin_add_overflow(base, offset, &at) || at < 0 || at > c->size)
        return -1;
    return c->at = at;
}

static sf_count_t cursor_read(void *out, sf_count_t count, void *user)
{
    cursor *c = user;
    if (count > c->size - c->at)
        count = c->size - c->at;
    if (count <= 0)
        return 0;
    memcpy(out, c->data + c->at, (size_t)count);
    c->at += count;
    return count;
}

static sf_count_t cursor_tell(void *user)
{
    return ((cursor *)user)->at;
}

static uint32_t little32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static unsigned little16(const uint8_t *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

// Integers, floats, A-law or mu-law; an extensible format says which of them at byte 24.
static venn_status check_format(const char *name, const uint8_t *chunk, size_t length)
{
    enum { INTEGER = 1, FLOAT = 3, A_LAW = 6, MU_LAW = 7, EXTENSIBLE = 0xFFFE };
    unsigned tag = length >= 16 ? little16(chunk) : 0;
    if (tag == EXTENSIBLE)
        tag = length >= 40 ? little16(chunk + 24) : 0;
    if (tag == INTEGER || tag == FLOAT || tag == A_LAW || tag == MU_LAW)
        return VENN_OK;
    return venn_fail(VENN_BAD_FILE,
                     "%s: a WAV of format %u, which is not read; convert it to integers (PCM)",
                     name, tag);
}

static venn_status check_wav(const char *name, const uint8_t *data, size_t size)
{
    bool samples = false;
    if (size < 12 || (uint64_t)little32(data + 4) + 8 > size)
        return venn_fail(VENN_BAD_FILE, "%s: the WAV is truncated; copy it again", name);
    size_t end = (size_t)little32(data + 4) + 8;
    for (size_t at = 12; at < end && end - at >= 8;) {
        size_t length = little32(data + at + 4);
        if (length > end - at - 8)
            return venn_fail(VENN_BAD_FILE,
                             "%s: WAV chunk %.4s says it has %zu bytes, %zu are left", name,
                             (const char *)data + at, length, end - at - 8);
        if (memcmp(data + at, "fmt ", 4) == 0)
            VENN_TRY(check_format(name, data + at + 8, length));
        samples |= memcmp(data + at, "data", 4) == 0;
        at += 8 + length + (length & 1);
    }
    if (!samples)
        return venn_fail(VENN_BAD_FILE, "%s: the WAV has no samples (no data chunk)", name);
    return VENN_OK;
}

static venn_status check_sound(const char *name, const uint8_t *data, size_t size)
{
    if (size >= 4 && memcmp(data, "RIFF", 4) == 0)
        return check_wav(name, data, size);
    if (size >= 4 && memcmp(data, "fLaC", 4) == 0)
        return VENN_OK;
    return venn_fail(VENN_BAD_FILE, "%s: neither a WAV nor a FLAC file", name);
}

// Of the blocks before a FLAC's frames, the first is what decoding needs. libFLAC makes room for whatever the
// others (texts, pictures) promise, so it is given a copy without them. *out is malloc'd.
static venn_status strip_flac(const char *name, const uint8_t *data, size_t size, uint8_t **out,
                              size_t *out_size)
{
    enum { HEAD = 4 + 4 + 34, LAST = 0x80 };
    size_t at = 4;
    bool last = false;
    while (!last && size - at >= 4) {
        const size_t length = (size_t)data[at + 1] << 16 | (size_t)data[at + 2] << 8 | data[at + 3];
        if (length > size - at - 4 || (at == 4 && ((data[at] & ~LAST) != 0 || length != 34)))
            break;
        last = data[at] & LAST;
        at += 4 + length;
    }
    if (!last)
        return venn_fail(VENN_BAD_FILE, "%s: the FLAC is truncated; copy it again", name);
    *out_size = HEAD + size - at;
    *out = venn_alloc(*out_size, 1);
    if (!*out)
        return VENN_NO_MEMORY;
    memcpy(*out, data, HEAD);
    (*out)[4] |= LAST;
    memcpy(*out + HEAD, data + at, size - at);
    return VENN_OK;
}

// All frames as mono in *out, malloc'd; VENN_BAD_FILE if the decoder gives fewer than promised.
static venn_status read_frames(const char *name, SNDFILE *file, const SF_INFO *info, float *block,
                               float **out, size_t *count)
{
    size_t room = 0, used = 0, channels = (size_t)info->channels;
    for (;;) {
        sf_count_t got = sf_readf_float(file, block, BLOCK / info->channels);
        if (got <= 0)
            break;
        if (room - used < (size_t)got) {
            room = 2 * room + BLOCK;
            float *more = venn_resize(*out, room, sizeof(float));
            if (!more)
                return VENN_NO_MEMORY;
            *out = more;
        }
        for (size_t i = 0; i < (size_t)got; i++) {
            double sum = 0;
            for (size_t c = 0; c < channels; c++)
                sum += (double)block[i * channels + c];
            (*out)[used++] = (float)(sum / (double)channels);
        }
    }
    *count = used;
    if (sf_error(file) != SF_ERR_NO_ERROR)
        return venn_fail(VENN_BAD_FILE, "%s: cannot decode the sound: %s", name, sf_strerror(file));
    if ((sf_count_t)used != info->frames || used == 0)
        return venn_fail(VENN_BAD_FILE, "%s: %zu of %lld sound frames are there; copy it again",
                         name, used, (long long)info->frames);
    return VENN_OK;
}

static venn_status decode(venn_array **out, const char *name, SNDFILE *file, const SF_INFO *info)
{
    float *samples = NULL;
    float *block = venn_alloc(BLOCK, sizeof(float));
    if (!block)
        return VENN_NO_MEMORY;
    size_t count = 0;
    venn_status status = read_frames(name, file, info, block, &samples, &count);
    free(block);
    if (status == VENN_OK)
        status = venn_array_create(out, name, VENN_F32, VENN_SHAPE((int64_t)count));
    if (status == VENN_OK)
        memcpy((*out)->data, samples, count * sizeof(float));
    free(samples);
    return status;
}

static venn_status parse_plain(venn_array **out, const char *name, const uint8_t *data, size_t size,
                               int32_t *rate)
{
    SF_VIRTUAL_IO io = {.get_filelen = cursor_length,
                        .seek = cursor_seek,
                        .read = cursor_read,
                        .tell = cursor_tell};
    cursor at = {data, (sf_count_t)size, 0};
    SF_INFO info = {0};
    SNDFILE *file = sf_open_virtual(&io, SFM_READ, &info, &at);
    if (!file)
        return venn_fail(VENN_BAD_FILE, "%s: cannot open the sound: %s", name, sf_strerror(NULL));
    venn_status status = VENN_OK;
    if (info.samplerate <= 0 || info.channels <= 0 || info.channels > CHANNELS_MAX)
        status = venn_fail(VENN_BAD_FILE, "%s: says %d channels at %d Hz", name, info.channels,
                           info.samplerate);
    else
        status = decode(out, name, file, &info);
    sf_close(file);
    if (status == VENN_OK)
        *rate = info.samplerate;
    return status;
}

venn_status venn_sound_parse(venn_array **out, const char *name, const uint8_t *data, size_t size,
                             int32_t *rate)
{
    VENN_TRY(check_sound(name, data, size));
    if (*data != 'f')
        return parse_plain(out, name, data, size, rate);
    uint8_t *flac = NULL;
    size_t flac_size = 0;
    VENN_TRY(strip_flac(name, data, size, &flac, &flac_size));
    venn_status status = parse_plain(out, name, flac, flac_size, rate);
    free(flac);
    return status;
}

venn_status venn_sound_read(venn_array **out, const char *path, int32_t *rate)
{
    venn_blob blob;
    VENN_TRY(venn_blob_read(path, &blob));
    venn_status status = venn_sound_parse(out, path, blob.data, blob.size, rate);
    venn_blob_finish(&blob);
    return status;
}
