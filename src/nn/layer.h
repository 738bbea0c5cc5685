// One layer by itself: its defaults, the parameters that it wants for a given input, and the ops that it
// stands for. Everything that depends on the kind of a layer is in layer.c.
#ifndef VENN_NN_LAYER_H
#define VENN_NN_LAYER_H

#include "venn/nn.h"

#define VENN_LAYER_MAX_PARAMS 4

// A parameter to be: first drawn from U(low, high), which is a constant where the two are equal.
typedef struct venn_layer_param {
    const char *suffix; // "weight"
    venn_shape shape;
    float low, high;
    bool buffer;
} venn_layer_param;

// Puts the defaults in and checks the fields that the kind reads.
venn_status venn_layer_resolve(venn_layer *layer);
// The parameters for an input of one sample's shape `in`, or what is wrong with that shape. layer must
// be resolved.
venn_status venn_layer_params(const venn_layer *layer, const venn_shape *in,
                              venn_layer_param params[VENN_LAYER_MAX_PARAMS], int *n);
// True if the layer can become the epilogue of a linear layer or convolution before it.
bool venn_layer_fuses(const venn_layer *before, const venn_layer *layer);

typedef struct venn_layer_use {
    const venn_layer *layer;    // resolved
    const venn_layer *epilogue; // a layer that fuses with it, or NULL
    venn_tensor
        params[VENN_LAYER_MAX_PARAMS]; // in the order of venn_layer_params; VENN_NONE: absent
    bool train;
    int32_t set;
} venn_layer_use;

venn_tensor venn_layer_apply(const venn_layer_use *use, venn_graph *g, venn_tensor x);

#endif
