// The main of a loss's forward kernel. The shader defines `float row_loss(uint row)`, which gives every
// lane of the row its loss, and declares OUTPUT(.., total), then includes this. With EACH, row losses
// are written as they are. Without, an invocation sums the `steps` rows that fall to it, the lanes of
// a subgroup add up by a butterfly, and each subgroup writes scale times its sum: the result itself if
// there is one subgroup, else a partial sum for shaders/ops/loss.comp. The order is fixed throughout.
float subgroup_sum(float a)
{
    BUTTERFLY(a, SUBGROUP, PLUS)
    return a;
}

void main()
{
    const uint first = rows_begin(length), count = rows, all_steps = EACH ? 1 : steps;
    const uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x / LANES;
    const float factor = scale;
    float sum = 0.0;
    for (uint s = 0; s < all_steps; s++) {
        const uint row = first + s * stride;
        const float loss = row_loss(min(row, count - 1));
        const bool mine = row < count && row_lane == 0;
        if (EACH && mine)
            STORE1(total, row, loss * factor);
        sum += mix(0.0, loss, mine);
    }
    if (!EACH) {
        sum = subgroup_sum(sum) * factor;
        const uint subgroup = LINEAR_ID / SUBGROUP;
        if (LINEAR_ID % SUBGROUP == 0 && subgroup < partials)
            STORE1(total, subgroup, sum);
    }
}
