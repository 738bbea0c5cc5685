// What the steps of recurrent networks are told, forward (recurrent.comp) and backward (recurrent_backward.comp).
// now: the step. Row b of a, h or c, which are other values at the first step, begins at b stride + t pitch
// (+ c_first). k: of the product, 0 for none.
#define RECURRENT_PUSH                                                                             \
    uint batch; uint times; uint hidden; uint k;                                                   \
    int now; uint reverse; uint has_lengths; uint has_bias;                                        \
    uint a_stride; uint a_pitch; uint h_stride; uint h_pitch;                                      \
    uint c_stride; uint c_pitch; uint c_first;                                                     \
    uint has_h; uint has_c; uint has_dy; uint has_dlast; uint has_dclast;
