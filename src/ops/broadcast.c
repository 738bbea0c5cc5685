// Broadcasting of shapes and indices (see broadcast.h).
#include "ops/broadcast.h"

// Extent at `place` axes from the end; 1 where the shape has no such axis.
static int64_t extent(const venn_shape *s, int place)
{
    return place < s->rank ? s->dim[s->rank - 1 - place] : 1;
}

bool venn_broadcast_shape(const venn_shape *a, const venn_shape *b, venn_shape *out)
{
    *out = (venn_shape){.rank = a->rank > b->rank ? a->rank : b->rank};
    for (int place = 0; place < out->rank; place++) {
        int64_t i = extent(a, place), j = extent(b, place);
        if (i != j && i != 1 && j != 1)
            return false;
        out->dim[out->rank - 1 - place] = i == 1 ? j : i;
    }
    return true;
}

bool venn_broadcasts_to(const venn_shape *x, const venn_shape *y)
{
    venn_shape both;
    return venn_broadcast_shape(x, y, &both) && venn_shape_equal(&both, y);
}

int64_t venn_broadcast_index(const venn_shape *x, const venn_shape *y, int64_t e)
{
    int64_t index = 0, stride = 1;
    for (int place = 0; place < y->rank; place++) {
        int64_t i = e % extent(y, place);
        e /= extent(y, place);
        if (extent(x, place) != 1)
            index += i * stride;
        stride *= extent(x, place);
    }
    return index;
}
