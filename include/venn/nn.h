// venn/nn.h: networks as lists of layers. A venn_net owns the parameters; venn_net_apply appends its
// layers to a graph, in as many graphs and as often in one graph as wanted, always with the same
// parameters. A net is made of branches, one per input (modality), whose results are fused and passed
// through a head; an ordinary network has one branch and no head.
//
//   const venn_layer layers[] = {{.kind = VENN_LAYER_FLATTEN},
//                                {.kind = VENN_LAYER_LINEAR, .out = 64}, {.kind = VENN_LAYER_RELU},
//                                {.kind = VENN_LAYER_LINEAR, .out = 10}};
//   venn_branch branch = {.layers = layers, .n_layers = 4, .input = VENN_SHAPE(1, 28, 28)};
//   venn_net_create(&net, dev, &(venn_net_params){.branches = &branch, .n_branches = 1}, seed);
//   venn_tensor logits = venn_net_apply(net, g, &images, NULL);
#ifndef VENN_NN_H
#define VENN_NN_H

#include "venn/ops.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Layers ----------------------------------------------------------------------------------

// What each takes and gives, without the batch axis, and the fields that it reads. X.. are the axes of a
// sequence, an image or a volume: one, two or three.
typedef enum venn_layer_kind {
    // Products
    VENN_LAYER_LINEAR, // [D] -> [out], or [T, D] -> [T, out]; out, no_bias, init
    VENN_LAYER_CONV, // [C, X..] -> [out, X'..]; out, kernel, stride, padding, dilation, groups, no_bias,
                     // init. groups = C makes it depthwise
    VENN_LAYER_CONV_TRANSPOSE, // the same; also output_padding
    // Norms
    VENN_LAYER_BATCH_NORM,    // [C, ..], same; eps, momentum, sets
    VENN_LAYER_LAYER_NORM,    // [.., D], same, along the last axis; eps
    VENN_LAYER_RMS_NORM,      // the same
    VENN_LAYER_GROUP_NORM,    // [C, ..], same; groups, eps
    VENN_LAYER_INSTANCE_NORM, // [C, X..], same; eps
    // Functions of each element: any shape, same
    VENN_LAYER_RELU,
    VENN_LAYER_GELU, // x Phi(x); approximate
    VENN_LAYER_SIGMOID,
    VENN_LAYER_TANH,
    VENN_LAYER_LEAKY_RELU, // slope
    VENN_LAYER_SILU,
    VENN_LAYER_SOFTPLUS,      // beta, threshold
    VENN_LAYER_SMOOTHED_RELU, // power, bend
    // Pools
    VENN_LAYER_MAX_POOL,          // [C, X..] -> [C, X'..]; kernel, stride, padding
    VENN_LAYER_AVG_POOL,          // the same
    VENN_LAYER_GLOBAL_AVG_POOL,   // [C, X..] -> [C]
    VENN_LAYER_ADAPTIVE_AVG_POOL, // [C, H, W] -> [C, size..]; size
    VENN_LAYER_ADAPTIVE_MAX_POOL, // the same
    // Sequences of T steps
    VENN_LAYER_EMBEDDING, // [..], whole numbers from 0 to tokens - 1, -> [.., out]; tokens, out, init
    VENN_LAYER_POSITIONS, // [T, D], same, plus a row per step; sinusoidal
    VENN_LAYER_ATTENTION, // [T, D], same; heads, causal, no_bias, init
    VENN_LAYER_GRU,       // [T, D] -> [T, out], or [out] of the last step; out, last, reverse,
                          // bidirectional (2 out), no_bias
    VENN_LAYER_LSTM,      // the same
    VENN_LAYER_MEAN_POOL, // [T, D] -> [D]
    VENN_LAYER_SEQUENCE,  // [C, X..] -> [T, C], T being all positions: what attention takes
    // Shapes
    VENN_LAYER_FLATTEN,         // any shape -> [D]
    VENN_LAYER_PAD,             // [C, H, W] -> [C, H + 2 padding, ..]; padding, border
    VENN_LAYER_RESIZE,          // [C, H, W] -> [C, size..]; size or factor, nearest, align_corners
    VENN_LAYER_PIXEL_SHUFFLE,   // [C factor factor, H, W] -> [C, factor H, factor W]; factor
    VENN_LAYER_PIXEL_UNSHUFFLE, // the way back
    // Noise, in training only: any shape, same
    VENN_LAYER_DROPOUT,        // p
    VENN_LAYER_GAUSSIAN_NOISE, // std
    // Blocks: layers inside a layer
    VENN_LAYER_RESIDUAL,    // body(x) and shortcut(x) joined; body, shortcut, join
    VENN_LAYER_BASIC_BLOCK, // [C, X..] -> [out, X'..]: of ResNet-18 and -34; out, stride, init
    VENN_LAYER_BOTTLENECK,  // the same: of ResNet-50 and deeper; out, width, stride, groups, init
    // [T, D], same: x + attention(norm(x)), then x + linear(gelu(linear(norm(x)))), each with dropout, where p is
    // not 0, before it is added; heads, width, causal, p, init
    VENN_LAYER_TRANSFORMER_BLOCK,
    VENN_LAYER_KINDS // how many there are
} venn_layer_kind;

// In small letters: "linear", "conv", .., "transformer_block"; NULL if there is no such kind.
const char *venn_layer_kind_name(venn_layer_kind kind);

// The law of the first weights of a linear layer or a convolution. fan_in: inputs that one output sees,
// D or C / groups times the kernel's elements; fan_out: out times the kernel's elements. A transposed
// convolution has them the other way round.
typedef enum venn_init {
    VENN_INIT_UNIFORM, // weight and bias U(-1 / sqrt(fan_in), 1 / sqrt(fan_in))
    VENN_INIT_KAIMING, // weight N(0, 2 / fan_out), bias 0: He's, for rectifiers
    VENN_INIT_XAVIER,  // weight N(0, 2 / (fan_in + fan_out)), bias 0: Glorot's
    VENN_INIT_SMALL    // weight N(0, 0.02^2), bias 0
} venn_init;

// How what the two paths of a residual layer give becomes one.
typedef enum venn_join {
    VENN_JOIN_ADD,   // equal shapes: their sum
    VENN_JOIN_CONCAT // along the first axis, the body's channels first
} venn_join;

// One layer. Zero is the default of every field but `out` and `kernel`, which have none. Triples go with the
// axes X..: (length), (height, width) or (depth, height, width); of kernel, stride and dilation a 0 behind
// the first is like the first.
typedef struct venn_layer {
    venn_layer_kind kind;
    const char *name; // NULL: the layer's number in its branch or block, "0", "1", ...
    int32_t out;      // features of a linear layer, channels of a convolution or block
    int32_t kernel[3];
    int32_t stride[3];         // 0: 1 for convolutions and blocks, the kernel for pools
    int32_t padding[3];        // at each side
    int32_t output_padding[3]; // at the far sides
    int32_t dilation[3];       // 0: 1
    int32_t groups;            // 0: 1
    bool no_bias;
    venn_init init;             // of blocks 0 means VENN_INIT_KAIMING
    int32_t width;              // channels of a bottleneck's middle; 0: out / 4. Of a
                                // transformer's linear layers; 0: 4 D
    int32_t size[2];            // height and width; 0: as given (resize: factor times that)
    int32_t factor;             // of resize and pixel shuffling; 0: 1
    bool nearest;               // resize: the nearest pixel; 0: bilinear
    bool align_corners;         // resize
    venn_pad_mode border;       // of a pad layer; 0: zeros
    venn_gelu_form approximate; // 0: exact
    float slope;                // below 0; 0: 0.01
    float beta, threshold;      // of softplus; 0: 1, 20
    float power, bend;          // of smoothed_relu; 0: 4, 1/3
    float p;                    // probability that dropout zeroes an element; 0: 0.5
    int32_t tokens;             // rows of an embedding; other numbers than those of its rows read 0
    int32_t heads;              // of attention; must divide D; 0: 1
    bool causal;                // attention: step t sees the steps up to t alone
    bool sinusoidal;            // positions: sines and cosines of t; 0: learned
    bool reverse;               // gru, lstm: from the last step to the first
    bool bidirectional;         // both ways, side by side: features 0 .. out - 1 go forwards
    bool last;                  // the state behind the last step that is taken, of each way
    float std;                  // of the noise
    float eps;                  // of norms; 0: 1e-5, and 2^-23 of rms_norm
    float momentum;             // share of the batch in the running statistics; 0: 0.1
    // Of batch norm, also of those in ResNet's blocks: so many sets of parameters and statistics, each
    // [sets, C], of which an application takes one (venn_apply_params): a network that shares all but them
    // between modalities; 0: one, [C].
    int32_t sets;
    venn_join join;
    const struct venn_layer *body; // of a residual layer
    size_t n_body;
    const struct venn_layer *shortcut; // none: x itself
    size_t n_shortcut;
} venn_layer;

// ---- Networks --------------------------------------------------------------------------------

// Layers and their parameters on a device.
typedef struct venn_net venn_net;

// The layers that one input passes through.
typedef struct venn_branch {
    const char *name; // NULL: "" for a single branch, else "branch0", "branch1", ...
    const venn_layer *layers;
    size_t n_layers;
    venn_shape input; // of one sample: [784], [1, 28, 28]
} venn_branch;

// How the results of several branches become one. With a single branch it does nothing.
typedef enum venn_fusion {
    VENN_FUSE_CONCAT, // [D0, X..], [D1, X..], .. -> [D0 + D1 + .., X..], X.. of any rank
    VENN_FUSE_SUM,    // equal shapes: their sum
    VENN_FUSE_MEAN    // equal shapes: their mean
} venn_fusion;

// What a network is made of.
typedef struct venn_net_params {
    const venn_branch *branches;
    size_t n_branches; // at least 1
    venn_fusion fusion;
    const venn_layer *head; // layers behind the fusion
    size_t n_head;
} venn_net_params;

// Infers all shapes, creates the parameters and initialises them (venn_net_init). Everything is
// copied. A layer's full name is "<branch>.<layer>", "head.<layer>" in the head, or just "<layer>" in
// a branch named ""; inside a block "<block>.<layer>", on its other way "<block>.shortcut.<layer>".
// VENN_BAD_SHAPE and VENN_BAD_ARG name the layer's full name, its kind and the shape
// that it was given.
venn_status venn_net_create(venn_net **out, venn_device *device, const venn_net_params *params,
                            uint64_t seed);
// After the programs that use it. Takes the handle's address, sets it to NULL, accepts NULL.
void venn_net_destroy(venn_net **net);

// Writes every parameter and buffer anew. Weights and biases of linear and convolution layers are drawn
// by the layer's init; norms begin with gamma 1, beta 0, mean 0, variance 1. Parameter i
// (venn_net_param) takes its values in row-major order from stream i of Philox with key `seed`, so they
// depend on nothing but seed, i and shape. Compiled programs stay valid.
venn_status venn_net_init(venn_net *net, uint64_t seed);

// As it was made.
size_t venn_net_n_branches(const venn_net *net);
venn_fusion venn_net_fusion(const venn_net *net);
// The shape of one sample: of the input of a branch, and of the result.
venn_shape venn_net_input_shape(const venn_net *net, size_t branch);
venn_shape venn_net_output_shape(const venn_net *net);

// One layer as it came out.
typedef struct venn_layer_info {
    const char *name; // full name; owned by the net
    venn_layer_kind kind;
    venn_shape output;  // of one sample
    int64_t n_elements; // of its parameters, buffers not counted
} venn_layer_info;

// Branch after branch, then the head; behind a block what is inside it.
size_t venn_net_n_layers(const venn_net *net);
venn_layer_info venn_net_layer(const venn_net *net, size_t i);

// ---- In a graph ------------------------------------------------------------------------------

// A place in a net is where values can be looked at or taken out: the full name of a layer means what the
// layer gives; "input", or "<branch>.input" in a branch with a name, what the branch is given. A layer of
// that name goes first.

// *sample gets the shape of one sample at the place; may be NULL. VENN_BAD_ARG if there is no such place.
venn_status venn_net_place(const venn_net *net, const char *place, venn_shape *sample);

// Asks for the values at one place.
typedef struct venn_tap {
    const char *layer; // the place
    venn_tensor y;     // out
} venn_tap;

// How a network is applied; zeroed: the defaults.
typedef struct venn_apply_params {
    // Training: batch norm normalises by the batch and changes its running statistics, dropout draws
    // from the graph's generator (venn_graph_rng). Otherwise (the default, as for a teacher):
    // running statistics, no dropout; the net changes nothing.
    bool train;
    venn_tap *taps;
    size_t n_taps;
    int32_t set; // of every batch norm that has several
    // What lies between the layers, and copies of the weights for them, is stored in: VENN_F32 (0), VENN_F16 or
    // VENN_BF16. Sums, biases, statistics, taps and what is returned are f32, and so are the parameters and
    // their gradients.
    venn_dtype storage;
} venn_apply_params;

// Appends the net's layers. x[i], one per branch, is [B, ..input shape of branch i]; returns
// [B, ..output shape]. params may be NULL. A relu, sigmoid or tanh right behind a linear layer or a
// convolution becomes part of it, unless that layer is tapped. VENN_NONE with the graph's error set if
// an x does not fit or a tap names no place.
venn_tensor venn_net_apply(const venn_net *net, venn_graph *g, const venn_tensor *x,
                           const venn_apply_params *params);

// Runs of one net that can go side by side.
enum { VENN_MAX_ABREAST = 8 };

// Where they meet.
typedef struct venn_meeting {
    const char *const *places;
    size_t n_places;
    // Called once at each of the places, also inside blocks, when all runs have come there: y[k], f32, is what
    // run k has, and may be made another tensor of its shape, out of all of them if wanted.
    void (*meet)(void *user, venn_graph *g, const char *place, venn_tensor *y);
    void *user;
} venn_meeting;

// venn_net_apply n times at once, n from 1 to VENN_MAX_ABREAST: run k takes x[k * branches + b] for branch b
// and params[k] (params may be NULL), and gives y[k]. All runs are at the same layer at any time. Taps see what
// a meeting has left. Errors as of venn_net_apply, also if a place of the meeting is none.
void venn_net_apply_abreast(const venn_net *net, venn_graph *g, size_t n, const venn_tensor *x,
                            const venn_apply_params *params, const venn_meeting *meeting,
                            venn_tensor *y);

// What comes behind a place: `y` [B, ..] stands for the values there, branches[b] for what branch b gives,
// with the same B (the entry of the place's own branch is not read; NULL for a net of one branch, or where
// the place is in the head). Of the taps those behind the place are filled. params may be NULL.
venn_tensor venn_net_apply_behind(const venn_net *net, venn_graph *g, const char *place,
                                  venn_tensor y, const venn_tensor *branches,
                                  const venn_apply_params *params);
// The place where branch b ends: its last layer, or its input if it has none.
const char *venn_net_branch_end(const venn_net *net, size_t b);
// The place that feeds the last layer with parameters: what a classifier decides from.
const char *venn_net_last_features(const venn_net *net);

// ---- Taking channels out ---------------------------------------------------------------------

// What stands where a channel was.
typedef enum venn_removal {
    VENN_REMOVE_MEAN, // its mean over the batch, position by position
    VENN_REMOVE_ZERO
} venn_removal;

// From now on, whoever applies the net, in training or not, finds the channels i with removed[i] taken
// out at `place`, before a tap and before the next layer: a channel is an index of the first axis of a
// sample there, and n is that axis' extent. removed NULL: all are put back. Programs compiled after a
// first call for a place follow later ones for it. Neither venn_net_hash nor what is saved knows of it.
// VENN_BAD_ARG if there is no such place or n is another number; VENN_NO_MEMORY.
venn_status venn_net_remove(venn_net *net, const char *place, int64_t n, const bool *removed,
                            venn_removal how);

// ---- Parameters ------------------------------------------------------------------------------

// One of a network's arrays.
typedef struct venn_net_param {
    const char *name; // "<full layer name>.weight", .bias, .running_mean, .running_var
    venn_var *var;    // has the same name
    bool buffer;      // running statistics: saved, but not trained
    bool frozen;      // set by venn_net_freeze
} venn_net_param;

// Layer after layer; weight, bias, running_mean, running_var. Batch norm's gamma and beta are called
// weight and bias. Weights are [out, in] and [out, in / groups, kh, kw].
size_t venn_net_n_params(const venn_net *net);
const venn_net_param *venn_net_param_at(const venn_net *net, size_t i);
// NULL if there is none.
const venn_net_param *venn_net_param_find(const venn_net *net, const char *name);
// Elements of all parameters, buffers not counted.
int64_t venn_net_n_elements(const venn_net *net);

// Freezes (or thaws) what belongs to the layer or branch of that full name; NULL or "": everything.
// Running statistics still change when a frozen net is applied in training mode. VENN_BAD_ARG if there
// is no such name. Takes effect in venn_net_trainable.
venn_status venn_net_freeze(venn_net *net, const char *name, bool frozen);
// Writes the variables to be trained, those neither frozen nor buffers, into vars (room for
// venn_net_n_params) and returns their number: what an optimizer group wants.
size_t venn_net_trainable(const venn_net *net, venn_var **vars);

// Hash of the bytes of all parameters and buffers in order, as 32 hexadecimal digits. Two nets of one
// layout have equal hashes exactly if all values are equal, bit for bit (but for collisions).
venn_status venn_net_hash(const venn_net *net, char text[33]);
// Copies all parameters and buffers. VENN_BAD_SHAPE, naming the first difference, if the two do not
// have the same layout.
venn_status venn_net_copy(venn_net *to, const venn_net *from);

#ifdef __cplusplus
}
#endif
#endif
