// Kernels per channel of x [images, channels, area], area = H W.
//
// A unit of LANES invocations takes a part of one channel: a range of images, and of each of their planes
// a range of groups of four, a segment. With COLUMN (area 1: x is a matrix) one invocation takes four
// neighbouring channels instead, one in each component, so that reads stay wide. Either way x is read
// as rows (rows.glsl): planes, or the matrix's rows. A step reads IMAGES x HELD groups at once.
layout(constant_id = 5) const uint IMAGES = 1;
layout(constant_id = 6) const bool COLUMN = false;

// The unit and its line (a channel, or four), part, images [b0, b1), groups [i0, i1); row of image b is
// b * row_stride + row_first.
uint unit, line, part, b0, b1, i0, i1, row_stride, row_first, last_image;

void begin()
{
    const uint lines = COLUMN ? (channels + 3) / 4 : channels;
    unit = rows_begin(COLUMN ? channels : area);
    line = unit % lines;
    part = unit / lines;
    b0 = part / segments * per_part;
    b1 = unit < units ? min(b0 + per_part, images) : 0;
    i0 = COLUMN ? line : part % segments * per_segment;
    i1 = COLUMN ? line + 1 : min(i0 + per_segment, (area + 3) / 4);
    row_stride = COLUMN ? 1 : channels;
    row_first = COLUMN ? 0 : line;
    last_image = images - 1;
}

// Reads past the last image give that again, as reads past a row's end give its last element.
uint row_of(uint image)
{
    return min(image, last_image) * row_stride + row_first;
}

vec4 mask_of(uint image, uint group)
{
    return image < b1 && group < i1 ? row_mask(group) : vec4(0);
}

#define STEPS                                                                                      \
    for (uint b = b0; b < b1; b += IMAGES)                                                         \
        for (uint i = i0 + row_lane; i < i1; i += LANES * HELD)
// What a step reads: IMAGE and GROUP of it, kept at PLACE.
#define EACH_GROUP                                                                                 \
    [[unroll]] for (uint m = 0; m < IMAGES; m++)                                                   \
        [[unroll]] for (uint j = 0; j < HELD; j++)
#define IMAGE (b + m)
#define GROUP (i + j * LANES)
#define PLACE (m * HELD + j)

// CHANNEL_INPUT(0, mean) makes mean_of(): the value of each component's channel.
#define CHANNEL_INPUT(i, name)                                                                     \
    INPUT(i, name)                                                                                 \
    vec4 name##_of()                                                                               \
    {                                                                                              \
        const uint c = COLUMN ? 4 * line : line, last = channels - 1, d = COLUMN ? 1 : 0;          \
        return vec4(LOAD1(name, min(c, last)), LOAD1(name, min(c + d, last)),                      \
                    LOAD1(name, min(c + 2 * d, last)), LOAD1(name, min(c + 3 * d, last)));         \
    }
