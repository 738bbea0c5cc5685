// Data sets that are computed, not read: "synthetic:NAME,key=value,...". A generator is one file,
// synthetic_<name>.c, and one line in generators.def. What it makes depends on its parameters alone.
#ifndef VENN_DATA_SYNTHETIC_H
#define VENN_DATA_SYNTHETIC_H

#include "venn/data.h"

#define VENN_SYNTHETIC_PREFIX "synthetic:"

typedef struct venn_generator_param {
    const char *key;
    double value, low, high; // default and allowed range, both ends included
    const char *doc;         // one line
} venn_generator_param;

typedef struct venn_generator {
    const char *name, *summary;
    const venn_generator_param *params; // ends with key NULL
    // values: one per entry of params, checked.
    venn_status (*make)(venn_dataset **out, const char *name, const double *values);
} venn_generator;

enum { VENN_GENERATOR_MAX_PARAMS = 16 };

// NULL past the last.
const venn_generator *venn_generator_at(size_t index);
// source: with its prefix. VENN_BAD_ARG names an unknown generator, key or value, and what is allowed.
venn_status venn_synthetic_make(venn_dataset **out, const char *source);

#endif
