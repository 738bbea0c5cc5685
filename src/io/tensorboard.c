// Event files: records of a length, its checksum, a message, and the message's checksum (TFRecord), little
// endian; the messages are those of venn_event.proto.
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/status.h"
#include "venn/tensorboard.h"
#include <venn_event.pb-c.h>

struct venn_events {
    FILE *file;
    char *path;
    uint32_t crc[256]; // of every byte, by the reversed polynomial of Castagnoli
};

static void fill_crc_table(uint32_t table[256])
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t c = byte;
        for (int bit = 0; bit < 8; bit++)
            c = c & 1 ? c >> 1 ^ 0x82f63b78u : c >> 1;
        table[byte] = c;
    }
}

// The format's own disguise, so that checksums of data with checksums in it stay good.
static uint32_t masked_crc(const venn_events *e, const uint8_t *data, size_t size)
{
    uint32_t c = UINT32_MAX;
    for (size_t i = 0; i < size; i++)
        c = e->crc[(c ^ data[i]) & 255] ^ c >> 8;
    c = ~c;
    return (c >> 15 | c << 17) + 0xa282ead8u;
}

static void put_little_endian(uint8_t *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

static venn_status write_event(venn_events *e, Venn__Event *event)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    event->wall_time = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
    const size_t size = venn__event__get_packed_size(event);
    uint8_t *record = venn_alloc(size + 16, 1);
    if (!record)
        return VENN_NO_MEMORY;
    put_little_endian(record, size, 8);
    put_little_endian(record + 8, masked_crc(e, record, 8), 4);
    venn__event__pack(event, record + 12);
    put_little_endian(record + 12 + size, masked_crc(e, record + 12, size), 4);
    const bool written = fwrite(record, size + 16, 1, e->file) == 1 && fflush(e->file) == 0;
    free(record);
    if (!written)
        return venn_fail(VENN_BAD_FILE, "%s cannot be written: %s", e->path, strerror(errno));
    return VENN_OK;
}

static venn_status make_folders(const char *folder)
{
    char *path = venn_strdup(folder);
    if (!path)
        return VENN_NO_MEMORY;
    venn_status status = VENN_OK;
    for (char *end = path + 1; status == VENN_OK; end++) {
        end += strcspn(end, "/");
        const char kept = *end;
        *end = 0;
        if (mkdir(path, 0777) < 0 && errno != EEXIST)
            status = venn_fail(VENN_BAD_FILE, "%s cannot be made: %s", path, strerror(errno));
        *end = kept;
        if (!kept)
            break;
    }
    free(path);
    return status;
}

static venn_status open_file(venn_events *e, const char *folder)
{
    static atomic_uint number;
    char host[64] = "host";
    gethostname(host, sizeof host - 1);
    e->path = venn_format("%s/events.out.tfevents.%lld.%s.%ld.%u", folder, (long long)time(NULL),
                          host, (long)getpid(), atomic_fetch_add(&number, 1));
    if (!e->path)
        return VENN_NO_MEMORY;
    e->file = fopen(e->path, "wbxe");
    if (!e->file)
        return venn_fail(VENN_BAD_FILE, "%s cannot be written: %s", e->path, strerror(errno));
    Venn__Event version = VENN__EVENT__INIT;
    char text[] = "brain.Event:2";
    version.what_case = VENN__EVENT__WHAT_FILE_VERSION;
    version.file_version = text;
    return write_event(e, &version);
}

venn_status venn_events_create(venn_events **out, const char *folder)
{
    *out = NULL;
    if (!folder || !*folder)
        return venn_fail(VENN_BAD_ARG, "event files need a folder");
    VENN_TRY(make_folders(folder));
    venn_events *e = VENN_NEW(venn_events);
    if (!e)
        return VENN_NO_MEMORY;
    fill_crc_table(e->crc);
    const venn_status status = open_file(e, folder);
    if (status < 0) {
        venn_events_destroy(&e);
        return status;
    }
    *out = e;
    return VENN_OK;
}

venn_status venn_events_scalar(venn_events *e, const char *tag, int64_t step, double value)
{
    char *name = venn_strdup(tag);
    if (!name)
        return VENN_NO_MEMORY;
    Venn__EventValue point = VENN__EVENT_VALUE__INIT;
    point.tag = name;
    point.simple_value = (float)value;
    Venn__EventValue *points[] = {&point};
    Venn__EventSummary summary = VENN__EVENT_SUMMARY__INIT;
    summary.n_value = 1;
    summary.value = points;
    Venn__Event event = VENN__EVENT__INIT;
    event.step = step;
    event.what_case = VENN__EVENT__WHAT_SUMMARY;
    event.summary = &summary;
    const venn_status status = write_event(e, &event);
    free(name);
    return status;
}

void venn_events_destroy(venn_events **handle)
{
    venn_events *e = *handle;
    if (!e)
        return;
    if (e->file)
        fclose(e->file);
    free(e->path);
    free(e);
    *handle = NULL;
}
