// What kernels per channel are told (shaders/lib/channels.glsl): the start of their push blocks.
// units: in the launch; parts: of a channel; segments: parts that share a range of images; per_part: images;
// per_segment: groups of four.
#define CHANNELS_PUSH                                                                              \
    uint images; uint channels; uint area;                                                         \
    uint units; uint parts; uint segments; uint per_part; uint per_segment;
