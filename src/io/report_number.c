// Text for people: escaping, percentages, sizes, times.
#include <math.h>
#include <string.h>

#include "io/report.h"

// ---- UTF-8 and HTML --------------------------------------------------------------------------

// The length of the well-formed character at text, 0 if there is none.
static size_t decode(const unsigned char *text, size_t size, uint32_t *code)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = text[0] < 0x80   ? 1
                    : text[0] < 0xc0 ? 0
                    : text[0] < 0xe0 ? 2
                    : text[0] < 0xf0 ? 3
                    : text[0] < 0xf8 ? 4
                                     : 0;
    if (length == 0 || length > size)
        return 0;
    *code = length == 1 ? text[0] : text[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (text[i] & 0x3fu);
    }
    bool surrogate = *code >= 0xd800 && *code < 0xe000;
    return *code < smallest[length] || *code > 0x10ffff || surrogate ? 0 : length;
}

static bool allowed_in_xml(uint32_t code)
{
    if (code < 0x20)
        return code == '\t' || code == '\n' || code == '\r';
    return (code < 0x7f || code > 0x9f) && code != 0xfffe && code != 0xffff;
}

void venn_report_escape(FILE *out, const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        uint32_t code = 0;
        size_t length = decode((const unsigned char *)text + at, size - at, &code);
        if (!length || !allowed_in_xml(code))
            fputs("\ufffd", out);
        else if (code == '&')
            fputs("&amp;", out);
        else if (code == '<')
            fputs("&lt;", out);
        else if (code == '>')
            fputs("&gt;", out);
        else if (code == '"')
            fputs("&quot;", out);
        else if (code == '\'')
            fputs("&#39;", out);
        else
            fwrite(text + at, 1, length, out);
        at += length ? length : 1;
    }
}

void venn_report_escape_text(FILE *out, const char *text)
{
    venn_report_escape(out, text, strlen(text));
}

size_t venn_report_width(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

// ---- Numbers ---------------------------------------------------------------------------------

void venn_report_percent(FILE *out, double fraction, int digits)
{
    if (isnan(fraction))
        fputs(VENN_REPORT_DASH, out);
    else
        fprintf(out, "%.*f", digits, 100 * fraction);
}

void venn_report_delta(FILE *out, double fraction, int digits)
{
    if (isnan(fraction)) {
        fputs(VENN_REPORT_DASH, out);
        return;
    }
    // A difference that rounds to nothing has no sign.
    bool zero = fabs(100 * fraction) < 0.5 * pow(10, -digits);
    fprintf(out, "%s%.*f", zero ? "" : fraction > 0 ? "+" : "\u2212", digits, fabs(100 * fraction));
}

void venn_report_count(FILE *out, double value)
{
    if (!isfinite(value) || fabs(value) > 9e15) {
        fputs(VENN_REPORT_DASH, out);
        return;
    }
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%.0f", fabs(value));
    if (value < 0)
        fputs("\u2212", out);
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            fputc(',', out);
        fputc(digits[i], out);
    }
}

void venn_report_bytes(FILE *out, double bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    if (!isfinite(bytes)) {
        fputs(VENN_REPORT_DASH, out);
        return;
    }
    int unit = 0;
    for (; bytes >= 1024 && unit < 4; unit++)
        bytes /= 1024;
    fprintf(out, unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
}

void venn_report_microseconds(FILE *out, double us)
{
    if (!isfinite(us))
        fputs(VENN_REPORT_DASH, out);
    else if (us < 1000)
        fprintf(out, "%.0f \u00b5s", us);
    else
        fprintf(out, "%.1f ms", us / 1000);
}

void venn_report_duration(FILE *out, double seconds)
{
    if (!isfinite(seconds) || seconds < 0 || seconds > 1e12)
        fputs(VENN_REPORT_DASH, out);
    else if (seconds < 9.95)
        fprintf(out, "%.1f s", seconds);
    else if (seconds < 59.5)
        fprintf(out, "%.0f s", seconds);
    else if (seconds < 3599.5)
        fprintf(out, "%.0f min %02.0f s", floor(round(seconds) / 60), fmod(round(seconds), 60));
    else
        fprintf(out, "%.0f h %02.0f min", floor(round(seconds / 60) / 60),
                fmod(round(seconds / 60), 60));
}
