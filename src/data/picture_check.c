// Is a picture file whole? PNG: every chunk's length and CRC. JPEG: every segment up to the
// end marker, and its Huffman tables.
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

// Each Huffman table of a DHT segment: its 16 counts must add up to no more than 256 symbols, which
// stb_image 2.27 does not check before it writes that many.
static bool huffman_is_sound(const uint8_t *table, size_t size)
{
    while (size >= 17) {
        size_t symbols = 0;
        for (int i = 1; i <= 16; i++)
            symbols += table[i];
        if (symbols > 256 || symbols > size - 17)
            return false;
        table += 17 + symbols;
        size -= 17 + symbols;
    }
    return size == 0;
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
    enum { DHT = 0xC4, EOI = 0xD9, SOS = 0xDA };
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
        if (marker == DHT && !huffman_is_sound(data + at + 4, length - 2))
            return venn_fail(VENN_BAD_FILE, "%s: the JPEG has a bad Huffman table", name);
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
