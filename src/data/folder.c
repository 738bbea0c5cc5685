#include "data/folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/status.h"

enum { PARTS = 3 };

bool venn_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void put_cell(FILE *out, const char *text, size_t length, const char *end)
{
    putc('"', out);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"')
            putc('"', out);
        putc(text[i], out);
    }
    fprintf(out, "\"%s", end);
}

static void put_row(FILE *out, const char *name)
{
    const char *dot = strrchr(name, '.');
    size_t left = dot ? (size_t)(dot - name) : strlen(name);
    put_cell(out, name, strlen(name), ",");
    put_cell(out, name, left, ",");
    for (int i = 0; i < PARTS; i++) {
        size_t start = left;
        while (start > 0 && name[start - 1] != '_')
            start--;
        put_cell(out, name + start, left - start, i + 1 < PARTS ? "," : "\n");
        left = start ? start - 1 : 0;
    }
}

venn_status venn_folder_read(venn_csv *out, const char *path)
{
    struct dirent **entries = NULL;
    char *text = NULL;
    size_t size = 0;
    const int n = scandir(path, &entries, visible, by_name);
    FILE *stream = n > 0 ? open_memstream(&text, &size) : NULL;
    if (stream)
        fputs("file,stem,-1,-2,-3\n", stream);
    for (int i = 0; i < n; i++) {
        if (stream)
            put_row(stream, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    if (n <= 0)
        return venn_fail(VENN_BAD_FILE, "%s: no files are in this folder", path);
    const bool written = stream && fclose(stream) == 0;
    venn_status status = written ? venn_csv_parse(out, path, (const uint8_t *)text, size)
                                 : venn_fail(VENN_NO_MEMORY, "%s: out of host memory", path);
    free(text);
    return status;
}
