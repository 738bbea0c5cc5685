#include <stdlib.h>

#include "fault_sweep.h"

enum { PARTS = 32 };

static int parts[PARTS];

struct criterion_test_params fault_parts(void)
{
    for (int i = 0; i < PARTS; i++)
        parts[i] = i;
    const size_t n = getenv("VENN_TEST_LONG") ? PARTS : 1;
    return cr_make_param_array(int, parts, n);
}

fault_sweep fault_part(int part, int sample)
{
    const char *call = getenv("VENN_TEST_CALL");
    if (call) {
        char *colon;
        const uint64_t first = strtoull(call, &colon, 10);
        return (fault_sweep){first, *colon == ':' ? strtoull(colon + 1, NULL, 10) : UINT64_MAX / 2};
    }
    if (getenv("VENN_TEST_LONG"))
        return (fault_sweep){1 + (uint64_t)part, PARTS};
    return (fault_sweep){1, (uint64_t)sample};
}
