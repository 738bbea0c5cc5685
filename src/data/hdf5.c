// HDF5 through libhdf5, which trusts a file more than we do: links out of it, filters that are not compiled in, layouts
// over several files and shapes that it cannot hold are refused before anything is read.
#include "data/hdf5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

venn_status venn_array_name_cut(const char *path, char **file, char **name)
{
    const char *sign = strchr(path, ':');
    *file = *name = NULL;
    if (!sign || !sign[1] || sign == path)
        return venn_fail(VENN_BAD_FILE, "%s: say which array of the file is meant, as FILE:NAME",
                         path);
    *file = venn_format("%.*s", (int)(sign - path), path);
    *name = venn_strdup(sign + 1);
    if (*file && *name)
        return VENN_OK;
    free(*file);
    free(*name);
    return VENN_NO_MEMORY;
}

// The signature stands at the beginning, or at 512 or any of its doubles.
bool venn_hdf5_is(const char *path)
{
    char found[8];
    bool is = false, more = true;
    FILE *file = fopen(path, "rb");
    for (long at = 0; file && more && !is && at < 1L << 30; at = at ? 2 * at : 512) {
        more = fseek(file, at, SEEK_SET) == 0 && fread(found, 1, 8, file) == 8;
        is = more && memcmp(found, "\x89HDF\r\n\x1a\n", 8) == 0;
    }
    if (file)
        fclose(file);
    return is;
}

#ifdef VENN_HAS_HDF5
#include <hdf5.h>
#include <sys/stat.h>

#include "data/element.h"

struct venn_hdf5 {
    hid_t file, set, memory_type;
    venn_file_element element;
    size_t file_size;
    size_t item; // numbers of one
    venn_array head;
};

// Deflate packs at most so many bytes into one.
enum { PACK_MAX = 1032, CACHE = 64 << 20 };

// Every part of the name must be a hard link: others lead to other places and to other files.
static venn_status check_links(const venn_hdf5 *h, const char *name)
{
    char *part = venn_strdup(name);
    venn_status status = part ? VENN_OK : VENN_NO_MEMORY;
    for (char *at = part; status == VENN_OK; at++) {
        H5L_info_t info;
        char *end = strchr(at, '/');
        if (end)
            *end = 0;
        if (at == part && !*at)
            status =
                venn_fail(VENN_BAD_FILE, "%s: the name begins with /: leave it out", h->head.name);
        else if (H5Lget_info(h->file, part, &info, H5P_DEFAULT) < 0)
            status = venn_fail(VENN_BAD_FILE,
                               "%s: the file has no \"%s\"; h5ls -r lists what is "
                               "in it",
                               h->head.name, part);
        else if (info.type != H5L_TYPE_HARD)
            status = venn_fail(VENN_BAD_FILE,
                               "%s: \"%s\" is a link to elsewhere; name the array "
                               "itself",
                               h->head.name, part);
        if (end)
            *end = '/';
        if (!end)
            break;
        at = end;
    }
    free(part);
    return status;
}

static venn_status find_type(venn_hdf5 *h)
{
    const hid_t type = H5Dget_type(h->set);
    if (type < 0)
        return venn_fail(VENN_BAD_FILE, "%s: its type cannot be read", h->head.name);
    const H5T_class_t class = H5Tget_class(type);
    const size_t size = H5Tget_size(type);
    const bool is_signed = class == H5T_INTEGER && H5Tget_sign(type) != H5T_SGN_NONE;
    H5Tclose(type);
    if (class == H5T_FLOAT && (size == 2 || size == 4)) {
        h->element = (venn_file_element){'f', 4, false};
        h->memory_type = H5T_NATIVE_FLOAT;
    } else if (class == H5T_FLOAT && size == 8) {
        h->element = (venn_file_element){'f', 8, false};
        h->memory_type = H5T_NATIVE_DOUBLE;
    } else if (class == H5T_INTEGER && size == 1 && !is_signed) {
        h->element = (venn_file_element){'u', 1, false};
        h->memory_type = H5T_NATIVE_UINT8;
    } else if (class == H5T_INTEGER && size <= 4 && is_signed) {
        h->element = (venn_file_element){'i', 4, false};
        h->memory_type = H5T_NATIVE_INT32;
    } else if (class == H5T_INTEGER && size <= 8) {
        h->element = (venn_file_element){is_signed ? 'i' : 'u', 8, false};
        h->memory_type = is_signed ? H5T_NATIVE_INT64 : H5T_NATIVE_UINT64;
    } else {
        return venn_fail(VENN_BAD_FILE,
                         "%s: holds no plain numbers; integers and floats of up to "
                         "8 bytes are read",
                         h->head.name);
    }
    venn_file_element_dtype(h->element, &h->head.dtype);
    return VENN_OK;
}

static venn_status find_shape(venn_hdf5 *h)
{
    hsize_t dim[H5S_MAX_RANK];
    const hid_t space = H5Dget_space(h->set);
    const int rank = space < 0 ? -1 : H5Sget_simple_extent_dims(space, dim, NULL);
    const bool simple = rank >= 0 && H5Sget_simple_extent_type(space) == H5S_SIMPLE;
    if (space >= 0)
        H5Sclose(space);
    if (!simple || rank < 1 || rank > VENN_MAX_RANK)
        return venn_fail(VENN_BAD_FILE, "%s: is no array of 1 to %d axes", h->head.name,
                         VENN_MAX_RANK);
    h->head.shape.rank = rank;
    for (int i = 0; i < rank; i++) {
        if (dim[i] > UINT32_MAX)
            return venn_fail(VENN_BAD_FILE, "%s: an axis of %llu", h->head.name,
                             (unsigned long long)dim[i]);
        h->head.shape.dim[i] = (int64_t)dim[i];
    }
    const int64_t count = venn_shape_count(&h->head.shape);
    if (count < 1)
        return venn_fail(VENN_BAD_FILE, "%s: holds nothing, or more than can be counted",
                         h->head.name);
    h->item = (size_t)(count / h->head.shape.dim[0]);
    return VENN_OK;
}

// Filters that are compiled into libhdf5, so that no plugin is looked for. *packed: deflate is among them.
static venn_status check_filters(const venn_hdf5 *h, hid_t plist, bool *packed)
{
    const int n = H5Pget_nfilters(plist);
    *packed = false;
    for (int i = 0; i < n; i++) {
        unsigned flags = 0, options = 0;
        size_t n_options = 0;
        const H5Z_filter_t filter =
            H5Pget_filter2(plist, (unsigned)i, &flags, &n_options, NULL, 0, NULL, &options);
        *packed |= filter == H5Z_FILTER_DEFLATE;
        if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE &&
            filter != H5Z_FILTER_FLETCHER32)
            return venn_fail(VENN_BAD_FILE,
                             "%s: packed by HDF5 filter %d; deflate, shuffle and "
                             "fletcher32 are read: h5repack -f GZIP=4 makes a file "
                             "of them",
                             h->head.name, (int)filter);
    }
    return n < 0 ? venn_fail(VENN_BAD_FILE, "%s: its filters cannot be read", h->head.name)
                 : VENN_OK;
}

// Bytes of one chunk, which libhdf5 allocates; of an array that has none, 0.
static size_t chunk_bytes(const venn_hdf5 *h, hid_t plist, size_t size)
{
    hsize_t dim[H5S_MAX_RANK];
    if (H5Pget_layout(plist) != H5D_CHUNKED)
        return 0;
    const int rank = H5Pget_chunk(plist, H5S_MAX_RANK, dim);
    for (int i = 0; i < rank; i++)
        if (__builtin_mul_overflow(size, (size_t)dim[i], &size))
            return SIZE_MAX;
    return rank == h->head.shape.rank ? size : SIZE_MAX;
}

static venn_status check_storage(const venn_hdf5 *h, hid_t plist)
{
    bool packed = false;
    const hid_t type = H5Dget_type(h->set);
    const size_t size = type < 0 ? 0 : H5Tget_size(type);
    const H5D_layout_t layout = H5Pget_layout(plist);
    const size_t stored = (size_t)H5Dget_storage_size(h->set);
    if (type >= 0)
        H5Tclose(type);
    if (!size || (layout != H5D_COMPACT && layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED) ||
        H5Pget_external_count(plist) != 0)
        return venn_fail(VENN_BAD_FILE,
                         "%s: its numbers lie in other files; h5repack puts them "
                         "into one",
                         h->head.name);
    VENN_TRY(check_filters(h, plist, &packed));
    const size_t most = packed ? PACK_MAX : 1;
    const size_t count = (size_t)venn_shape_count(&h->head.shape);
    if (stored > h->file_size || chunk_bytes(h, plist, size) / most > h->file_size ||
        count / most > stored / size) {
        char text[VENN_SHAPE_TEXT_MAX];
        return venn_fail(VENN_BAD_FILE,
                         "%s: says it is %s of %zu bytes each, but %zu of the file's %zu bytes "
                         "hold it; copy the file again",
                         h->head.name, venn_shape_text(&h->head.shape, text, sizeof text), size,
                         stored, h->file_size);
    }
    return VENN_OK;
}

static venn_status open_file(venn_hdf5 *h, const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return venn_fail(VENN_BAD_FILE, "%s: no such file", path);
    h->file_size = (size_t)info.st_size;
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG); // with whatever a broken file leaves open
    h->file = H5Fopen(path, H5F_ACC_RDONLY, access);
    H5Pclose(access);
    if (h->file < 0)
        return venn_fail(VENN_BAD_FILE,
                         "%s: is no HDF5 file, or a part of one; copy the file again", path);
    return VENN_OK;
}

static venn_status open_set(venn_hdf5 *h, const char *name)
{
    H5O_info_t info;
    VENN_TRY(check_links(h, name));
    if (H5Oget_info_by_name(h->file, name, &info, H5P_DEFAULT) < 0 || info.type != H5O_TYPE_DATASET)
        return venn_fail(VENN_BAD_FILE, "%s: \"%s\" is no array; h5ls -r lists those there are",
                         h->head.name, name);
    // Chunks may span items: those of the last few are kept.
    const hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_chunk_cache(access, H5D_CHUNK_CACHE_NSLOTS_DEFAULT, CACHE, 1);
    h->set = H5Dopen2(h->file, name, access);
    H5Pclose(access);
    const hid_t plist = h->set < 0 ? -1 : H5Dget_create_plist(h->set);
    if (plist < 0)
        return venn_fail(VENN_BAD_FILE, "%s: cannot be opened; copy the file again", h->head.name);
    venn_status status = find_type(h);
    if (status == VENN_OK)
        status = find_shape(h);
    if (status == VENN_OK)
        status = check_storage(h, plist);
    H5Pclose(plist);
    return status;
}

venn_status venn_hdf5_open(venn_hdf5 **out, const char *file, const char *name)
{
    *out = NULL;
    venn_hdf5 *h = VENN_NEW(venn_hdf5);
    if (!h)
        return VENN_NO_MEMORY;
    h->file = h->set = -1;
    h->head.name = venn_format("%s:%s", file, name);
    venn_status status = h->head.name ? VENN_OK : VENN_NO_MEMORY;
    H5E_BEGIN_TRY
    {
        if (status == VENN_OK)
            status = open_file(h, file);
        if (status == VENN_OK)
            status = open_set(h, name);
    }
    H5E_END_TRY
    if (status < 0)
        venn_hdf5_close(&h);
    *out = h;
    return status;
}

void venn_hdf5_close(venn_hdf5 **handle)
{
    venn_hdf5 *h = *handle;
    if (!h)
        return;
    if (h->set >= 0)
        H5Dclose(h->set);
    if (h->file >= 0)
        H5Fclose(h->file);
    free(h->head.name);
    free(h);
    *handle = NULL;
}

const venn_array *venn_hdf5_head(const venn_hdf5 *h)
{
    return &h->head;
}

static bool read_block(venn_hdf5 *h, int64_t first, int64_t n, void *out)
{
    hsize_t start[VENN_MAX_RANK] = {(hsize_t)first}, count[VENN_MAX_RANK] = {(hsize_t)n};
    const int rank = h->head.shape.rank;
    for (int i = 1; i < rank; i++)
        count[i] = (hsize_t)h->head.shape.dim[i];
    const hid_t from = H5Dget_space(h->set), to = H5Screate_simple(rank, count, NULL);
    const bool ok = from >= 0 && to >= 0 &&
                    H5Sselect_hyperslab(from, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
                    H5Dread(h->set, h->memory_type, to, from, H5P_DEFAULT, out) >= 0;
    if (from >= 0)
        H5Sclose(from);
    if (to >= 0)
        H5Sclose(to);
    return ok;
}

venn_status venn_hdf5_items(venn_hdf5 *h, int64_t first, int64_t n, void *out)
{
    const size_t count = h->item * (size_t)n;
    const bool plain = (size_t)h->element.size == venn_dtype_size(h->head.dtype);
    void *block = plain ? out : venn_alloc(count, (size_t)h->element.size);
    if (!block)
        return VENN_NO_MEMORY;
    bool ok = false;
    H5E_BEGIN_TRY
    {
        ok = read_block(h, first, n, block);
    }
    H5E_END_TRY
    venn_status status = ok ? VENN_OK
                            : venn_fail(VENN_BAD_FILE,
                                        "%s: item %lld cannot be read; copy the "
                                        "file again",
                                        h->head.name, (long long)first);
    if (ok && !plain)
        status = venn_file_element_convert(h->head.name, h->element, block, count, out);
    if (!plain)
        free(block);
    return status;
}

#else

venn_status venn_hdf5_open(venn_hdf5 **out, const char *file, const char *name)
{
    *out = NULL;
    return venn_fail(VENN_UNSUPPORTED,
                     "%s:%s: this venn was built without HDF5; install libhdf5-dev and build it "
                     "again",
                     file, name);
}

void venn_hdf5_close(venn_hdf5 **handle)
{
    *handle = NULL;
}

venn_status venn_hdf5_items(venn_hdf5 *h, int64_t first, int64_t n, void *out)
{
    (void)h, (void)first, (void)n, (void)out;
    return venn_fail(VENN_UNSUPPORTED, "this venn was built without HDF5");
}

const venn_array *venn_hdf5_head(const venn_hdf5 *h)
{
    (void)h;
    return NULL;
}

#endif
