// Vulkan that fails: calls of an open device that make things, or that submit and wait, are counted, and one of
// them fails before the driver hears of it.
#ifndef FAULTY_DEVICE_H
#define FAULTY_DEVICE_H

#include <stdint.h>

#include "venn/device.h"

typedef enum faulty_calls {
    FAULTY_OBJECTS, // one allocation or creation fails for want of memory
    FAULTY_QUEUE    // from one submit or wait on the device is lost
} faulty_calls;

// The `at`-th of these calls from now on (from 1; 0: none). One device at a time.
void faulty_device_begin(venn_device *device, faulty_calls calls, uint64_t at);
// Gives the device its own functions back. How many calls there were.
uint64_t faulty_device_end(void);

#endif
