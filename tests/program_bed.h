// A graph on the test device, compiled to a program whose inputs and outputs go by name: for tests of
// single ops.
#ifndef PROGRAM_BED_H
#define PROGRAM_BED_H

#include "venn/venn.h"

typedef struct bed {
    venn_device *device;
    venn_graph *g;
    venn_program *program;
    uint64_t ticket; // of the last run
} bed;

// All of these fail the present test if anything goes wrong.
bed bed_create(void);
// Compiles with poisoned memory and begins the first run.
void bed_compile(bed *b);
// Copies the whole content of an input, or gives an output of the last run.
void bed_set(bed *b, const char *name, const void *data);
const void *bed_get(bed *b, const char *name);
void bed_run(bed *b);
void bed_destroy(bed *b);

// An f32 input of the graph.
venn_tensor bed_input(bed *b, const char *name, venn_shape shape);
// Makes y the output "y", and its gradient for x "dx".
void bed_outputs(bed *b, venn_tensor y, venn_tensor x);

// |got - want| <= relative |want|, but for numbers that may be flushed to zero.
void check_near(double got, double want, double relative);

#endif
