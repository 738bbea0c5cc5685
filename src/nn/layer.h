// One layer by itself: its defaults, the parameters that it wants for a given input, and the ops that it
// stands for. Everything that depends on the kind of a layer is in a venn_layer_desc, in the files
// layer_*.c; the table of layer.c says which.
#ifndef VENN_NN_LAYER_H
#define VENN_NN_LAYER_H

#include "venn/nn.h"

#define VENN_LAYER_MAX_PARAMS 8
#define VENN_LAYER_MAX_BLOCK 10 // layers that a block makes by itself

// A parameter to be. Its first values are those of `fill`; without one they are drawn from N(0, std^2) if
// std is not 0, else from U(low, high), which is a constant where the two are equal.
typedef struct venn_layer_param {
    const char *suffix; // "weight"
    venn_shape shape;
    float low, high, std;
    void (*fill)(const venn_shape *shape, float *values);
    bool buffer;
} venn_layer_param;

typedef struct venn_layer_use {
    const venn_layer *layer; // resolved
    const venn_layer
        *epilogue; // a layer that fuses with it, or NULL; of a max pool, the relu before it
    venn_tensor
        params[VENN_LAYER_MAX_PARAMS]; // in the order of venn_layer_params; VENN_NONE: absent
    bool train;
    int32_t set;
} venn_layer_use;

// The two ways through a block.
typedef struct venn_layer_paths {
    const venn_layer *body, *shortcut;
    size_t n_body, n_shortcut;             // no shortcut: x itself
    venn_layer made[VENN_LAYER_MAX_BLOCK]; // room for layers that the kind makes itself
} venn_layer_paths;

// A kind of layer. `in` is the shape of one sample that the layer is given.
typedef struct venn_layer_desc {
    const char *name;
    // Puts the defaults in and checks `in` and the fields that the kind reads. NULL: takes any shape, reads
    // nothing.
    venn_status (*resolve)(venn_layer *layer, const venn_shape *in);
    // Of a resolved layer; returns how many. NULL: none.
    int (*params)(const venn_layer *layer, const venn_shape *in,
                  venn_layer_param params[VENN_LAYER_MAX_PARAMS]);
    venn_tensor (*apply)(const venn_layer_use *use, venn_graph *g, venn_tensor x); // NULL: a block
    // Of a block: what is inside a resolved layer, and how the two results become one.
    void (*paths)(const venn_layer *layer, const venn_shape *in, venn_layer_paths *out);
    venn_tensor (*join)(const venn_layer *layer, venn_graph *g, venn_tensor body,
                        venn_tensor shortcut);
    venn_activation activation; // what an op before it can apply in its place
    bool takes_activation;      // is such an op
} venn_layer_desc;

// NULL if there is no such kind.
const venn_layer_desc *venn_layer_find(venn_layer_kind kind);
// How many layers a layer can become, with all that is inside it.
size_t venn_layer_count(const venn_layer *layer);
// True if the layer can become the epilogue of the one before it.
bool venn_layer_fuses(const venn_layer *before, const venn_layer *layer);
// The activation that the layer's op applies.
venn_activation venn_layer_activation(const venn_layer_use *use);

// ---- For the kinds ---------------------------------------------------------------------------

// Axes X.. of [C, X..]; 0 after an error, which says what the layer takes.
int venn_layer_axes(const venn_shape *in);
// An error unless the sample is [C, H, W].
venn_status venn_layer_image(const venn_shape *in);
// An error unless the sample is [T, D].
venn_status venn_layer_sequence_of(const venn_shape *in);
// An error unless value >= least.
venn_status venn_layer_at_least(const char *field, int64_t value, int64_t least);
// Fills kernel, stride and dilation for so many axes and checks them and the padding. Strides not given
// are 1, or the kernel of a pool.
venn_status venn_layer_window(venn_layer *layer, int axes, bool pool);
// Weight and bias of a linear layer or convolution; returns how many there are.
int venn_layer_weights(const venn_layer *layer, venn_shape weight, double fan_in, double fan_out,
                       venn_layer_param params[VENN_LAYER_MAX_PARAMS]);

extern const venn_layer_desc venn_layer_linear, venn_layer_conv, venn_layer_conv_transpose,
    venn_layer_batch_norm, venn_layer_layer_norm, venn_layer_rms_norm, venn_layer_group_norm,
    venn_layer_instance_norm, venn_layer_relu, venn_layer_gelu, venn_layer_sigmoid, venn_layer_tanh,
    venn_layer_leaky_relu, venn_layer_silu, venn_layer_softplus, venn_layer_smoothed_relu,
    venn_layer_max_pool, venn_layer_avg_pool, venn_layer_global_avg_pool,
    venn_layer_adaptive_avg_pool, venn_layer_adaptive_max_pool, venn_layer_flatten, venn_layer_pad,
    venn_layer_resize, venn_layer_pixel_shuffle, venn_layer_pixel_unshuffle, venn_layer_dropout,
    venn_layer_gaussian_noise, venn_layer_residual, venn_layer_basic_block, venn_layer_bottleneck,
    venn_layer_embedding, venn_layer_positions, venn_layer_attention, venn_layer_gru,
    venn_layer_lstm, venn_layer_mean_pool, venn_layer_sequence, venn_layer_transformer_block;

#endif
