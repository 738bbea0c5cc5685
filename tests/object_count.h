// How many Vulkan objects a device has: its calls that make and destroy them are counted.
#ifndef OBJECT_COUNT_H
#define OBJECT_COUNT_H

#include "venn/device.h"

enum { OBJECT_KINDS = 11 };

// Objects made and not yet destroyed since object_count_begin, by kind.
typedef struct object_count {
    int64_t live[OBJECT_KINDS];
} object_count;

// "vkCreateBuffer" and so on.
extern const char *const object_kinds[OBJECT_KINDS];

// From now on those of this device are counted. One device at a time.
void object_count_begin(venn_device *device);
object_count object_count_now(void);
// Gives the device its own functions back.
void object_count_end(void);

#endif
