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
#endif
