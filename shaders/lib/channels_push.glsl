// What kernels per channel are told (shaders/lib/channels.glsl).
PUSH(channels)
{
    uint images;
    uint channels;
    uint area;
    uint units;       // in the launch
    uint parts;       // of a channel
    uint segments;    // parts that share a range of images
    uint per_part;    // images
    uint per_segment; // groups of four
    float eps;
    float momentum;
}
PUSH_END(channels);
