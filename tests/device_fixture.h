// The device that device tests run on: the one that VENN_DEVICE names, else the first usable one.
#ifndef DEVICE_FIXTURE_H
#define DEVICE_FIXTURE_H

#include "venn/device.h"

// Opens it, with validation if VENN_VALIDATE=1; fails the present test if there is none. Errors and
// warnings of the library go to stderr.
venn_device *open_test_device(void);
// Fails the present test if validation layers had something to say.
void close_test_device(venn_device **device);

#endif
