// What the kernels of a loss are told; shaders/lib/loss.glsl says how `steps` and `partials` are meant.
// `scale` is the reduction's factor; `setting`, `extra` and `number` are the op's own.
PUSH(loss)
{
    uint rows;
    uint length;
    uint steps;
    uint partials;
    float scale;
    float setting;
    float extra[2];
    uint number;
}
PUSH_END(loss);

#ifndef VENN_HOST
layout(constant_id = 5) const uint SUBGROUP = 1; // lanes that add up
layout(constant_id = 6) const bool EACH = false; // no reduction: one loss per row
layout(constant_id = 10) const bool WEIGHTED_MEAN = false; // divide by the sum of the rows' weights

// 0 if nothing has any weight.
float quotient(float sum, float weight)
{
    return weight == 0.0 ? 0.0 : sum / weight;
}
#endif
