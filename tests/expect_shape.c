#include <string.h>

#include "expect_shape.h"

venn_tensor expect_input(venn_graph *g, const char *name, venn_shape shape)
{
    return venn_graph_input(g, name, VENN_F32, shape);
}

void expect_misfit(venn_graph *g, const char *first, const char *second)
{
    cr_expect_eq(venn_graph_status(g), VENN_BAD_SHAPE);
    cr_expect(strstr(venn_graph_error(g), first) && strstr(venn_graph_error(g), second),
              "\"%s\" should name \"%s\" and \"%s\"", venn_graph_error(g), first, second);
    venn_graph_destroy(&g);
}
