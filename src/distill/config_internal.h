// The configuration as libcyaml reads it: what is not given is zero or NULL until defaults are filled in.
#ifndef VENN_DISTILL_CONFIG_INTERNAL_H
#define VENN_DISTILL_CONFIG_INTERNAL_H

#include "venn/distill.h"
#include "venn/salience.h"

enum { CONFIG_MAX_METHOD_KEYS = 256, CONFIG_MAX_INPUTS = 8 };

typedef struct config_layer {
    venn_layer_kind layer;
    char *name;
    int32_t out;
    char *kernel, *stride, *padding, *output_padding, *dilation, *size; // "5", "5x3" or "5x3x3"
    int32_t groups, width, factor, sets, tokens, heads;
    bool no_bias, nearest, align_corners, causal, sinusoidal, reverse, bidirectional, last;
    venn_init init;
    venn_pad_mode border;
    venn_gelu_form approximate;
    venn_join join;
    float p, std, slope, beta, threshold, power, bend, eps, momentum;
    struct config_layer *body, *shortcut;
    unsigned body_count, shortcut_count;
} config_layer;

// Once a config is loaded, `layers` are there whatever they came from, and `from` and `out` are gone.
typedef struct config_network {
    char *name;
    char *from;  // a network compiled in, or a file
    int32_t out; // of its last linear layer; 0: as it says
    config_layer *layers;
    unsigned layers_count;
} config_network;

typedef struct config_optimizer {
    venn_optim_kind kind;
    double lr;
    float momentum, beta1, beta2, eps, weight_decay, clip_norm, clip_value;
    bool nesterov;
} config_optimizer;

typedef struct config_schedule {
    venn_schedule_kind kind;
    int32_t every;
    double factor, end;
    int64_t warmup;
} config_schedule;

typedef struct config_training {
    uint32_t epochs, batch, steps, checkpoints;
    char *precision; // NULL: f32
    config_optimizer *optimizer;
    config_schedule *schedule;
} config_training;

typedef struct config_input {
    char *modality, *network;
} config_input;

// What is done with the channels that are taken out of the teacher.
typedef enum config_semantics {
    CONFIG_FEATURES_MEAN, // as venn_net_remove
    CONFIG_FEATURES_ZERO,
    CONFIG_FEATURES_DROP // zero, and the teacher is trained anew without them
} config_semantics;

typedef struct config_features {
    venn_feature_mode mode;
    double ratio; // 0: 0.75
    config_semantics semantics;
    char *ranking; // folder; NULL: made in the run
} config_features;

typedef struct config_model {
    config_input *inputs;
    unsigned inputs_count;
    venn_fusion fusion;
    char *head; // name of a network
    char *load; // weights instead of training (teacher)
    bool cache;
    config_features *features; // teacher; NULL: all of them teach
    config_training *training;
} config_model;

// How the teacher's and the student's features are ranked; zero is the default everywhere.
typedef struct config_ranking {
    char *layer, *student_layer; // places (nn.h)
    uint32_t permutations, rows;
    venn_salience_distance distance;
    double agreement; // weight of the distance in the joint training; 0: 1
    bool separate;
    config_training *training;
} config_ranking;

typedef struct config_method {
    char *values[CONFIG_MAX_METHOD_KEYS]; // by key number; values[0] is the method's name
} config_method;

typedef struct config_file {
    char *name, *data;
    uint32_t seeds;
    uint64_t first_seed;
    int64_t limit; // training pairs; 0: all
    config_network *networks;
    unsigned networks_count;
    config_training *training;
    config_model *teacher, *student;
    config_method *method;
    config_method *compare; // instead of `method`: several
    unsigned compare_count;
    config_ranking *ranking;
} config_file;

// A method with its parameters, and what its trainings are called: "distilled", or in a comparison the
// method's name.
typedef struct config_use {
    const venn_method *method;
    void *params;
    char *stage;
} config_use;

struct venn_distill_config {
    char *path;   // for messages
    char *text;   // as read, for the lines in messages
    char *folder; // relative paths start here; NULL: embedded
    config_file *file;
    config_use *uses; // at least one
    unsigned n_uses;
};

// config.c
// Fills in defaults and checks what a schema cannot.
venn_status venn_config_finish(venn_distill_config *c);
// The training settings of a model: its own where given, else the config's, else defaults.
config_training venn_config_training_of(const venn_distill_config *c, const config_model *model);
venn_optim_params venn_config_optim_of(const config_training *training, const char *name);
venn_precision venn_config_precision_of(const config_training *training);
const config_network *venn_config_find_network(const venn_distill_config *c, const char *name);
// Puts "path:line" before the message of `status`: the first line that holds `value`, from the first one
// on that holds `section` (NULL: from the top).
venn_status venn_config_fail_at(const venn_distill_config *c, const char *section,
                                const char *value, venn_status status);
// The config's data set.
venn_status venn_config_load_data(const venn_distill_config *c, venn_dataset **out);

// config_method.c: fills c->uses from the file, and frees them.
venn_status venn_config_read_methods(venn_distill_config *c);
void venn_config_free_methods(venn_distill_config *c);
// What the methods need of the config, all together (venn_method_need, or-ed).
uint32_t venn_config_needs(const venn_distill_config *c);
// The first method that needs this.
const venn_method *venn_config_needing(const venn_distill_config *c, venn_method_need need);
// Of all methods alike: do they have no student trained alone to compare with, and what scores them?
bool venn_config_alone(const venn_distill_config *c);
const char *venn_config_score(const venn_distill_config *c, const venn_dataset *data);

// config_schema.c
venn_status venn_config_parse(const char *path, const char *text, size_t size, config_file **out);
// A file of a network: `layers` and nothing else. To be freed by venn_config_free_network.
venn_status venn_config_parse_network(const char *path, const char *text, size_t size,
                                      config_network **out);
void venn_config_free_network(config_network *network);
void venn_config_free(config_file *file);
// The configuration as YAML text, malloc'd.
venn_status venn_config_print(const config_file *file, char **text, size_t *size);
// Key number k of the method section, NULL past the last; 0 is "name".
const char *venn_config_method_key(uint32_t k);

// config_layers.c
// Puts the layers in where a network comes from elsewhere.
venn_status venn_config_load_networks(venn_distill_config *c);
// The layers of a network, to be freed by venn_config_free_layers.
venn_status venn_config_convert_layers(const venn_distill_config *c, const config_network *network,
                                       venn_layer **layers, size_t *n);
void venn_config_free_layers(venn_layer *layers, size_t n);

// config_model.c: networks from the config.
venn_status venn_config_create_net(const venn_distill_config *c, venn_device *device,
                                   const config_model *model, const venn_dataset *data,
                                   uint64_t seed, venn_net **out);
// The network called `network`, which must be there, for samples of shape `input`.
venn_status venn_config_create_layers(const venn_distill_config *c, venn_device *device,
                                      const char *network, venn_shape input, uint64_t seed,
                                      venn_net **out);
// Names of the model's modalities, one per branch, owned by the config.
void venn_config_modalities(const config_model *model, const char *out[CONFIG_MAX_INPUTS]);
// "image + audio": the modalities, or the networks, of the inputs; malloc'd, NULL without memory.
char *venn_config_inputs_text(const config_model *model, bool networks);

#endif
