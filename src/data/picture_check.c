// Is a picture file whole? PNG: every chunk's length and CRC. JPEG: every segment up to the
// end marker, and that tables are sound and there before a scan names them.
#include <string.h>
#include <zlib.h>

#include "base/status.h"
#include "data/sheet.h"

static uint32_t big32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static venn_status check_png(const char *name, const uint8_t *data, size_t size)
{
    const size_t frame = 12; // length, type and CRC around a chunk's content
    bool begun = false;      // its pixels
    for (size_t at = 8;;) {
        size_t left = size - at, length = left >= frame ? big32(data + at) : 0;
        if (left < frame || left - frame < length)
            return venn_fail(VENN_BAD_FILE, "%s: the PNG is truncated; copy it again", name);
        const uint8_t *type = data + at + 4;
        if (crc32(crc32(0, NULL, 0), type, (uInt)(4 + length)) != big32(type + 4 + length))
            return venn_fail(VENN_BAD_FILE, "%s: PNG chunk %.4s has a bad checksum; copy it again",
                             name, (const char *)type);
        if (at == 8 && (memcmp(type, "IHDR", 4) != 0 || length != 13))
            return venn_fail(VENN_BAD_FILE, "%s: the PNG has no header chunk", name);
        if (at == 8 && type[4 + 8] > 8)
            return venn_fail(VENN_BAD_FILE, "%s: a PNG of %d bits; convert it to 8", name,
                             type[4 + 8]);
        // stb_image adds to a null pointer then.
        if (memcmp(type, "IDAT", 4) == 0 && !begun && length == 0)
            return venn_fail(VENN_BAD_FILE, "%s: the PNG's first chunk of pixels is empty", name);
        begun |= memcmp(type, "IDAT", 4) == 0;
        if (memcmp(type, "IEND", 4) == 0)
            return VENN_OK;
        at += frame + length;
    }
}

// What a JPEG has defined so far: bit i is table i.
typedef struct jpeg_tables {
    unsigned dc, ac, quantization;
    unsigned used; // quantization tables that the components name
    bool progressive;
} jpeg_tables;

// Each Huffman table of a DHT segment: its 16 counts must add up to no more than 256 symbols, which
// stb_image 2.27 does not check before it writes that many.
static bool take_huffman(const uint8_t *table, size_t size, jpeg_tables *tables)
{
    while (size >= 17) {
        size_t symbols = 0;
        for (int i = 1; i <= 16; i++)
            symbols += table[i];
        if (symbols > 256 || symbols > size - 17 || (*table & 0xEF) > 3)
            return false;
        *(*table >> 4 ? &tables->ac : &tables->dc) |= 1u << (*table & 3);
        table += 17 + symbols;
        size -= 17 + symbols;
    }
    return size == 0;
}

static bool take_quantization(const uint8_t *table, size_t size, jpeg_tables *tables)
{
    while (size) {
        const size_t length = *table >> 4 ? 129 : 65;
        if ((*table & 0xEF) > 3 || size < length)
            return false;
        tables->quantization |= 1u << (*table & 3);
        table += length;
        size -= length;
    }
    return true;
}

// The frame's header: precision, height, width, and of each component its name, sampling and table.
static bool take_frame(const uint8_t *frame, size_t size, jpeg_tables *tables)
{
    if (size < 6 || size != 6 + 3 * (size_t)frame[5])
        return false;
    tables->used = 0;
    for (size_t i = 0; i < frame[5]; i++)
        tables->used |= 1u << (frame[8 + 3 * i] & 3);
    return true;
}

// A scan's header names tables, which stb_image reads whether they were ever written or not.
static bool scan_is_sound(const uint8_t *scan, size_t size, const jpeg_tables *tables)
{
    if (size < 1 || size != 4 + 2 * (size_t)*scan)
        return false;
    const uint8_t *band = scan + size - 3; // first and last coefficient, steps of approximation
    const bool dc = !tables->progressive || (band[0] == 0 && band[2] >> 4 == 0);
    const bool ac = !tables->progressive || band[1] > 0;
    for (size_t i = 0; i < *scan; i++) {
        const unsigned named = scan[2 + 2 * i];
        if ((named & 0xCC) || (dc && !(tables->dc >> (named >> 4) & 1)) ||
            (ac && !(tables->ac >> (named & 3) & 1)))
            return false;
    }
    return (tables->used & ~tables->quantization) == 0;
}

// One segment's content.
static bool take_segment(uint8_t marker, const uint8_t *content, size_t size, jpeg_tables *tables)
{
    enum { SOF0 = 0xC0, SOF1, SOF2, DHT = 0xC4, SOS = 0xDA, DQT };
    switch (marker) {
    case SOF0:
    case SOF1:
    case SOF2:
        tables->progressive = marker == SOF2;
        return take_frame(content, size, tables);
    case DHT:
        return take_huffman(content, size, tables);
    case DQT:
        return take_quantization(content, size, tables);
    case SOS:
        return scan_is_sound(content, size, tables);
    default:
        return true;
    }
}

// Where the entropy-coded bytes from `at` end: at the next marker that is no restart.
static size_t skip_scan(const uint8_t *data, size_t size, size_t at)
{
    while (at + 1 < size && (data[at] != 0xFF || data[at + 1] == 0 || data[at + 1] == 0xFF ||
                             (data[at + 1] & 0xF8) == 0xD0))
        at++;
    return at;
}

static venn_status check_jpeg(const char *name, const uint8_t *data, size_t size)
{
    enum { EOI = 0xD9, SOS = 0xDA };
    jpeg_tables tables = {0};
    for (size_t at = 2; size - at >= 2;) {
        uint8_t marker = data[at + 1];
        if (data[at] != 0xFF)
            return venn_fail(VENN_BAD_FILE, "%s: byte %zu of the JPEG should be a marker", name,
                             at);
        if (marker == EOI)
            return VENN_OK;
        if (marker == 0xFF) { // a fill byte
            at++;
            continue;
        }
        size_t length = size - at >= 4 ? (size_t)data[at + 2] << 8 | data[at + 3] : 0;
        if (length < 2 || length > size - at - 2)
            break;
        if (!take_segment(marker, data + at + 4, length - 2, &tables))
            return venn_fail(
                VENN_BAD_FILE,
                "%s: the JPEG's segment %02X is bad, or a table that it names is missing", name,
                marker);
        at += 2 + length;
        if (marker == SOS)
            at = skip_scan(data, size, at);
    }
    return venn_fail(VENN_BAD_FILE, "%s: the JPEG is truncated; copy it again", name);
}

venn_status venn_picture_check(const char *name, const uint8_t *data, size_t size)
{
    if (size >= 8 && memcmp(data, "\x89PNG\r\n\x1a\n", 8) == 0)
        return check_png(name, data, size);
    if (size >= 3 && memcmp(data, "\xff\xd8\xff", 3) == 0)
        return check_jpeg(name, data, size);
    return venn_fail(VENN_BAD_FILE, "%s: neither a PNG nor a JPEG", name);
}
