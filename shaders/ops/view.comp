// view: y = x seen through a view (repeated, permuted or cut).
// variant: gather
// variant: gather.texel TEXEL
#include "view.glsl"

#ifndef VENN_HOST
INPUT(0, x)
OUTPUT(1, y)
VIEW(x, KIND_0, 0)

void main()
{
    FOR_EACH_GROUP(read_x)
}
#endif
