// gaussian_blur: w[i] = factor e^(slope (i - radius)^2), the taps of the convolutions that blur.
#include "push.glsl"
PUSH(gaussian_blur)
{
    uint count; uint radius; float slope; float factor;
} PUSH_END(gaussian_blur);

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"
OUTPUT(0, w)

void main()
{
    uint first = LINEAR_ID * 4;
    if (first >= count)
        return;
    vec4 at = vec4(float(first)) + vec4(0, 1, 2, 3) - float(radius);
    STORE4(w, first / 4, factor * venn_exp(slope * at * at));
}
#endif
