// The main of a loss's forward kernel. The shader defines `float row_loss(uint row)`, which gives every
// lane of the row its loss, and declares OUTPUT(.., total), then includes this. With EACH, row losses
// are written as they are. Without, an invocation sums the `steps` rows that fall to it, the lanes of
// a subgroup add up by a butterfly, and each subgroup writes scale times its sum: the result itself if
// there is one subgroup, else a partial sum for shaders/ops/loss.comp. The order is fixed throughout.
// WEIGHTED_MEAN divides by the sum of `float row_weight(uint row)`, if ROW_WEIGHT is defined; its partial
// sums lie behind the others.
float subgroup_sum(float a)
{
    BUTTERFLY(a, SUBGROUP, PLUS)
    return a;
}

// Adds to s.x; s.y is the rounding error so far (Kahan), which infinities have none of.
void loss_add(inout vec2 s, float part)
{
    precise float a = part - s.y;
    precise float sum = s.x + a;
    precise float error = (sum - s.x) - a;
    s = vec2(sum, mix(0.0, error, abs(sum) < VENN_INFINITY));
}

void main()
{
    const uint first = rows_begin(length), count = rows, all_steps = EACH ? 1 : steps;
    const uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x / LANES;
    const float factor = scale;
    vec2 losses = vec2(0), weights = vec2(0);
    for (uint s = 0; s < all_steps; s++) {
        const uint row = first + s * stride;
        const float loss = row_loss(min(row, count - 1));
        const bool mine = row < count && row_lane == 0;
        if (EACH && mine)
            STORE1(total, row, loss * factor);
        loss_add(losses, mix(0.0, loss, mine));
#ifdef ROW_WEIGHT
        if (WEIGHTED_MEAN)
            loss_add(weights, mix(0.0, row_weight(min(row, count - 1)), mine));
#endif
    }
    if (!EACH) {
        const uint subgroup = LINEAR_ID / SUBGROUP, all_partials = partials;
        const bool mine = LINEAR_ID % SUBGROUP == 0 && subgroup < all_partials;
        const float weight = subgroup_sum(weights.x);
        float sum = subgroup_sum(losses.x) * factor;
        if (WEIGHTED_MEAN && all_partials == 1)
            sum = quotient(sum, weight);
        if (mine)
            STORE1(total, subgroup, sum);
        if (WEIGHTED_MEAN && mine && all_partials > 1)
            STORE1(total, all_partials + subgroup, weight);
    }
}
