// A sample of the cases of an op, run by the present device as if it were another one.
#ifndef CASE_SAMPLE_H
#define CASE_SAMPLE_H

#include "kernel/profile.h"
#include "venn/device.h"

typedef struct case_sample {
    venn_device *device;
    const char *dims; // rows whose dims hold this text; "": all
    int step;         // every step-th case
} case_sample;

// Fails the present test if a case fails or there is none.
void case_sample_run(const case_sample *sample, const char *op);

// The profile of the open device, to be changed before anything is compiled.
venn_profile *case_sample_profile(venn_device *device);

#endif
