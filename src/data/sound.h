// Sound files in memory.
#ifndef VENN_DATA_SOUND_H
#define VENN_DATA_SOUND_H

#include "venn/data.h"

venn_status venn_sound_parse(venn_array **out, const char *name, const uint8_t *data, size_t size,
                             int32_t *rate);

#endif
