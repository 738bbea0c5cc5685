// The element types that array files hold, and their conversion to the three that venn holds.
#ifndef VENN_DATA_ELEMENT_H
#define VENN_DATA_ELEMENT_H

#include "venn/base.h"

typedef struct venn_file_element {
    char kind; // 'f' float, 'i' signed, 'u' unsigned, 'b' bool
    int size;  // bytes
    bool big;  // big-endian
} venn_file_element;

// The dtype that elements of this type become; false if venn does not read them.
bool venn_file_element_dtype(venn_file_element type, venn_dtype *dtype);

// Converts count elements at src (unaligned) to dst, an array of venn_file_element_dtype. `name` is the
// file, for messages: VENN_BAD_FILE if a value does not fit.
venn_status venn_file_element_convert(const char *name, venn_file_element type, const void *src,
                                      size_t count, void *dst);

#endif
