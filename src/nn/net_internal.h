// A network as the files of src/nn see it. Layers stand branch after branch, then the head; parameters
// stand layer after layer. Sections 0 .. n_branches - 1 are the branches, section n_branches the head.
#ifndef VENN_NN_NET_INTERNAL_H
#define VENN_NN_NET_INTERNAL_H

#include "base/arena.h"
#include "nn/layer.h"

// What is inside a block stands right behind it: its body, then its shortcut, then the layer that follows.
typedef struct net_layer {
    venn_layer spec;          // resolved; of its pointers none is kept
    const char *name;         // full name
    venn_shape input, output; // of one sample
    size_t first_param, n_params;
    size_t n_body, n_inside; // layers behind it that are its body; that and its shortcut
    bool is_inside;          // of a block
} net_layer;

typedef struct net_section {
    const char *name;
    const char *place; // of its input: "input" or "<name>.input"
    venn_shape input;  // of one sample
    size_t first, n;   // layers, those inside of others counted
    size_t last;       // of the layers that are inside of no other, if n is not 0
} net_section;

typedef struct net_param {
    venn_net_param public;
    float low, high, std; // see venn_layer_param
    void (*fill)(const venn_shape *shape, float *values);
} net_param;

// Channels taken out at one place.
typedef struct net_removal {
    const char *place;
    venn_removal how;
    venn_var *keep; // [C]: 1, or 0 where the channel is out
    struct net_removal *next;
} net_removal;

struct venn_net {
    venn_device *device;
    venn_arena arena; // all that is not a variable
    net_layer *layers;
    size_t n_layers;
    net_section *sections;
    size_t n_branches;
    venn_fusion fusion;
    net_param *params;
    size_t n_params;
    net_removal *removals;
    venn_shape output;
};

// Where a place is: section `section`, before its layer `before` (all layers counted).
typedef struct net_place {
    size_t section, before;
    const venn_shape *sample; // the values there
    bool is_inside;           // of a block
} net_place;

venn_status venn_net_find_place(const venn_net *net, const char *place, net_place *out);
// Is there anything to be done with the values between the layer and the next one?
const net_removal *venn_net_find_removal(const venn_net *net, const char *place);
// x with the channels out.
venn_tensor venn_net_take_out(const net_removal *removal, venn_graph *g, venn_tensor x);

// The layer that follows layer i: what is inside of it is passed over.
static inline size_t venn_net_after(const venn_net *net, size_t i)
{
    return i + 1 + net->layers[i].n_inside;
}

// Appends one layer that is no block, and `epilogue` with it if not NULL. Of p, train, set and storage
// count.
venn_tensor venn_net_layer_apply(const venn_net *net, venn_graph *g, size_t layer,
                                 const venn_layer *epilogue, const venn_apply_params *p,
                                 venn_tensor x);
// The results of the branches made one.
venn_tensor venn_net_fuse(const venn_net *net, venn_graph *g, const venn_tensor *y);

#endif
