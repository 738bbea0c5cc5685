// Means of segments: those that have no members, and rows that belong to none.
#include <criterion/criterion.h>

#include "program_bed.h"

Test(segment_mean, says_who_is_absent)
{
    const float x[] = {1, 10, 3, 30, 5, 50, 7, 70}, want[] = {0, 0, 3, 30, 3, 30};
    const int32_t label[] = {1, 2, 1, -1};
    bed b = bed_create();
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(4, 2)), count;
    venn_tensor labels = venn_graph_input(b.g, "label", VENN_I32, VENN_SHAPE(4));
    bed_outputs(&b, venn_segment_mean(b.g, in, labels, 3, &count), in);
    venn_graph_output(b.g, "count", count);
    bed_compile(&b);
    bed_set(&b, "x", x);
    bed_set(&b, "label", label);
    bed_run(&b);
    cr_assert_arr_eq(bed_get(&b, "y"), want, sizeof want);
    cr_assert_arr_eq(bed_get(&b, "count"), ((float[]){0, 2, 1}), 3 * sizeof(float));
    cr_assert_arr_eq(bed_get(&b, "dx"), ((float[]){.5f, .5f, 1, 1, .5f, .5f, 0, 0}),
                     8 * sizeof(float));
    bed_destroy(&b);
}
