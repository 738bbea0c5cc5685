// The YAML schema of a distillation config. The keys of the method section are those of all methods
// together, and the kinds of layers those of venn/nn.h: these parts are made when first needed.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"
#include "distill/config_internal.h"

#define OPTIONAL CYAML_FLAG_OPTIONAL
#define TEXT(key, structure, member)                                                               \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | OPTIONAL, structure, member, 0,               \
                           CYAML_UNLIMITED)
#define NUMBER(key, structure, member) CYAML_FIELD_FLOAT(key, OPTIONAL, structure, member)
#define WHOLE(key, structure, member) CYAML_FIELD_INT(key, OPTIONAL, structure, member)
#define COUNT(key, structure, member) CYAML_FIELD_UINT(key, OPTIONAL, structure, member)
#define SECTION(key, structure, member, fields)                                                    \
    CYAML_FIELD_MAPPING_PTR(key, CYAML_FLAG_POINTER | OPTIONAL, structure, member, fields)
#define LIST(key, structure, member, entry)                                                        \
    CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER | OPTIONAL, structure, member, entry, 0,          \
                         CYAML_UNLIMITED)
#define CHOICE(key, flags, structure, member, names)                                               \
    CYAML_FIELD_ENUM(key, CYAML_FLAG_STRICT | (flags), structure, member, names,                   \
                     CYAML_ARRAY_LEN(names))

// Filled by make_tables.
static cyaml_strval_t layer_names[VENN_LAYER_KINDS];
static const cyaml_strval_t init_names[] = {{"uniform", VENN_INIT_UNIFORM},
                                            {"kaiming", VENN_INIT_KAIMING},
                                            {"xavier", VENN_INIT_XAVIER},
                                            {"small", VENN_INIT_SMALL}};
static const cyaml_strval_t border_names[] = {{"zero", VENN_PAD_ZERO},
                                              {"reflect", VENN_PAD_REFLECT},
                                              {"replicate", VENN_PAD_REPLICATE},
                                              {"symmetric", VENN_PAD_SYMMETRIC}};
static const cyaml_strval_t gelu_names[] = {{"none", VENN_GELU_NONE}, {"tanh", VENN_GELU_TANH}};
static const cyaml_strval_t join_names[] = {{"add", VENN_JOIN_ADD}, {"concat", VENN_JOIN_CONCAT}};
static const cyaml_strval_t optimizer_names[] = {
    {"sgd", VENN_OPTIM_SGD}, {"adam", VENN_OPTIM_ADAM}, {"adamw", VENN_OPTIM_ADAMW}};
static const cyaml_strval_t schedule_names[] = {{"constant", VENN_SCHEDULE_CONSTANT},
                                                {"step", VENN_SCHEDULE_STEP},
                                                {"exponential", VENN_SCHEDULE_EXPONENTIAL},
                                                {"linear", VENN_SCHEDULE_LINEAR},
                                                {"cosine", VENN_SCHEDULE_COSINE}};
static const cyaml_strval_t fusion_names[] = {
    {"concat", VENN_FUSE_CONCAT}, {"sum", VENN_FUSE_SUM}, {"mean", VENN_FUSE_MEAN}};

static const cyaml_schema_value_t layer_schema; // layers inside of layers
static const cyaml_schema_field_t layer_fields[] = {
    CHOICE("layer", CYAML_FLAG_DEFAULT, config_layer, layer, layer_names),
    TEXT("name", config_layer, name),
    WHOLE("out", config_layer, out),
    TEXT("kernel", config_layer, kernel),
    TEXT("stride", config_layer, stride),
    TEXT("padding", config_layer, padding),
    TEXT("output_padding", config_layer, output_padding),
    TEXT("dilation", config_layer, dilation),
    WHOLE("groups", config_layer, groups),
    WHOLE("sets", config_layer, sets),
    VENN_YAML_BOOL("no_bias", config_layer, no_bias),
    CHOICE("init", OPTIONAL, config_layer, init, init_names),
    WHOLE("width", config_layer, width),
    TEXT("size", config_layer, size),
    WHOLE("factor", config_layer, factor),
    VENN_YAML_BOOL("nearest", config_layer, nearest),
    VENN_YAML_BOOL("align_corners", config_layer, align_corners),
    CHOICE("border", OPTIONAL, config_layer, border, border_names),
    CHOICE("approximate", OPTIONAL, config_layer, approximate, gelu_names),
    NUMBER("slope", config_layer, slope),
    NUMBER("power", config_layer, power),
    NUMBER("bend", config_layer, bend),
    NUMBER("beta", config_layer, beta),
    NUMBER("threshold", config_layer, threshold),
    NUMBER("p", config_layer, p),
    NUMBER("std", config_layer, std),
    NUMBER("eps", config_layer, eps),
    NUMBER("momentum", config_layer, momentum),
    WHOLE("tokens", config_layer, tokens),
    WHOLE("heads", config_layer, heads),
    VENN_YAML_BOOL("causal", config_layer, causal),
    VENN_YAML_BOOL("sinusoidal", config_layer, sinusoidal),
    VENN_YAML_BOOL("reverse", config_layer, reverse),
    VENN_YAML_BOOL("bidirectional", config_layer, bidirectional),
    VENN_YAML_BOOL("last", config_layer, last),
    CHOICE("join", OPTIONAL, config_layer, join, join_names),
    LIST("body", config_layer, body, &layer_schema),
    LIST("shortcut", config_layer, shortcut, &layer_schema),
    CYAML_FIELD_END};
static const cyaml_schema_value_t layer_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, config_layer, layer_fields)};

static const cyaml_schema_field_t network_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, config_network, name, 1, CYAML_UNLIMITED),
    TEXT("from", config_network, from), WHOLE("out", config_network, out),
    LIST("layers", config_network, layers, &layer_schema), CYAML_FIELD_END};
static const cyaml_schema_field_t network_file_fields[] = {
    CYAML_FIELD_SEQUENCE("layers", CYAML_FLAG_POINTER, config_network, layers, &layer_schema, 0,
                         CYAML_UNLIMITED),
    CYAML_FIELD_END};
static const cyaml_schema_value_t network_file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, config_network, network_file_fields)};
static const cyaml_schema_value_t network_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, config_network, network_fields)};

static const cyaml_schema_field_t optimizer_fields[] = {
    CHOICE("kind", CYAML_FLAG_DEFAULT, config_optimizer, kind, optimizer_names),
    NUMBER("lr", config_optimizer, lr),
    NUMBER("momentum", config_optimizer, momentum),
    VENN_YAML_BOOL("nesterov", config_optimizer, nesterov),
    NUMBER("beta1", config_optimizer, beta1),
    NUMBER("beta2", config_optimizer, beta2),
    NUMBER("eps", config_optimizer, eps),
    NUMBER("weight_decay", config_optimizer, weight_decay),
    NUMBER("clip_norm", config_optimizer, clip_norm),
    NUMBER("clip_value", config_optimizer, clip_value),
    CYAML_FIELD_END};

static const cyaml_schema_field_t schedule_fields[] = {
    CHOICE("kind", CYAML_FLAG_DEFAULT, config_schedule, kind, schedule_names),
    WHOLE("every", config_schedule, every),
    NUMBER("factor", config_schedule, factor),
    NUMBER("end", config_schedule, end),
    WHOLE("warmup", config_schedule, warmup),
    CYAML_FIELD_END};

static const cyaml_schema_field_t training_fields[] = {
    COUNT("epochs", config_training, epochs),
    COUNT("batch", config_training, batch),
    COUNT("steps", config_training, steps),
    COUNT("checkpoints", config_training, checkpoints),
    TEXT("precision", config_training, precision),
    SECTION("optimizer", config_training, optimizer, optimizer_fields),
    SECTION("schedule", config_training, schedule, schedule_fields),
    CYAML_FIELD_END};

static const cyaml_schema_field_t input_fields[] = {
    CYAML_FIELD_STRING_PTR("modality", CYAML_FLAG_POINTER, config_input, modality, 1,
                           CYAML_UNLIMITED),
    CYAML_FIELD_STRING_PTR("network", CYAML_FLAG_POINTER, config_input, network, 1,
                           CYAML_UNLIMITED),
    CYAML_FIELD_END};
static const cyaml_schema_value_t input_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, config_input, input_fields)};

static const cyaml_strval_t mode_names[] = {{"general", VENN_FEATURES_GENERAL},
                                            {"specific", VENN_FEATURES_SPECIFIC},
                                            {"random", VENN_FEATURES_RANDOM}};
static const cyaml_strval_t semantics_names[] = {
    {"mean", CONFIG_FEATURES_MEAN}, {"zero", CONFIG_FEATURES_ZERO}, {"drop", CONFIG_FEATURES_DROP}};
static const cyaml_strval_t distance_names[] = {{"mse", VENN_SALIENCE_MSE},
                                                {"l1", VENN_SALIENCE_L1}};

static const cyaml_schema_field_t features_fields[] = {
    CHOICE("mode", CYAML_FLAG_DEFAULT, config_features, mode, mode_names),
    NUMBER("ratio", config_features, ratio),
    CHOICE("semantics", OPTIONAL, config_features, semantics, semantics_names),
    TEXT("ranking", config_features, ranking), CYAML_FIELD_END};

static const cyaml_schema_field_t ranking_fields[] = {
    TEXT("layer", config_ranking, layer),
    TEXT("student_layer", config_ranking, student_layer),
    COUNT("permutations", config_ranking, permutations),
    COUNT("rows", config_ranking, rows),
    CHOICE("distance", OPTIONAL, config_ranking, distance, distance_names),
    NUMBER("agreement", config_ranking, agreement),
    VENN_YAML_BOOL("separate", config_ranking, separate),
    SECTION("training", config_ranking, training, training_fields),
    CYAML_FIELD_END};

static const cyaml_schema_field_t model_fields[] = {
    LIST("inputs", config_model, inputs, &input_schema),
    CHOICE("fusion", OPTIONAL, config_model, fusion, fusion_names),
    TEXT("head", config_model, head),
    TEXT("load", config_model, load),
    VENN_YAML_BOOL("cache", config_model, cache),
    SECTION("features", config_model, features, features_fields),
    SECTION("training", config_model, training, training_fields),
    CYAML_FIELD_END};

// Filled by make_tables.
static cyaml_schema_field_t method_fields[CONFIG_MAX_METHOD_KEYS + 1];
static uint32_t n_method_keys;
static const cyaml_schema_value_t method_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, config_method, method_fields)};

static const cyaml_schema_field_t file_fields[] = {
    TEXT("name", config_file, name),
    CYAML_FIELD_STRING_PTR("data", CYAML_FLAG_POINTER, config_file, data, 1, CYAML_UNLIMITED),
    COUNT("seeds", config_file, seeds),
    COUNT("first_seed", config_file, first_seed),
    WHOLE("limit", config_file, limit),
    LIST("networks", config_file, networks, &network_schema),
    SECTION("training", config_file, training, training_fields),
    SECTION("teacher", config_file, teacher, model_fields),
    SECTION("student", config_file, student, model_fields),
    SECTION("method", config_file, method, method_fields),
    LIST("compare", config_file, compare, &method_schema),
    SECTION("ranking", config_file, ranking, ranking_fields),
    CYAML_FIELD_END};
static const cyaml_schema_value_t file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, config_file, file_fields)};

static void add_key(const char *key)
{
    for (uint32_t k = 0; k < n_method_keys; k++)
        if (strcmp(method_fields[k].key, key) == 0)
            return;
    if (n_method_keys == CONFIG_MAX_METHOD_KEYS)
        return; // a test makes sure that all methods' keys fit
    method_fields[n_method_keys] = (cyaml_schema_field_t){
        .key = key,
        .data_offset = n_method_keys * (uint32_t)sizeof(char *),
        .value = {.type = CYAML_STRING,
                  .flags = CYAML_FLAG_POINTER | OPTIONAL,
                  .data_size = sizeof(char),
                  .string = {.min = 0, .max = CYAML_UNLIMITED}},
    };
    n_method_keys++;
}

static void make_method_fields(void)
{
    add_key("name");
    for (size_t i = 0; venn_method_at(i); i++)
        for (const venn_method_param *p = venn_method_at(i)->params; p->key; p++)
            add_key(p->key);
}

static void make_tables(void)
{
    for (int kind = 0; kind < VENN_LAYER_KINDS; kind++)
        layer_names[kind] = (cyaml_strval_t){venn_layer_kind_name((venn_layer_kind)kind), kind};
    make_method_fields();
}

static void prepare(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_tables);
}

const char *venn_config_method_key(uint32_t k)
{
    prepare();
    return k < n_method_keys ? method_fields[k].key : NULL;
}

venn_status venn_config_parse(const char *path, const char *text, size_t size, config_file **out)
{
    prepare();
    return venn_yaml_load(path, text, size, &file_schema, (void **)out);
}

venn_status venn_config_parse_network(const char *path, const char *text, size_t size,
                                      config_network **out)
{
    prepare();
    return venn_yaml_load(path, text, size, &network_file_schema, (void **)out);
}

void venn_config_free_network(config_network *network)
{
    venn_yaml_free(&network_file_schema, network);
}

void venn_config_free(config_file *file)
{
    venn_yaml_free(&file_schema, file);
}

venn_status venn_config_print(const config_file *file, char **text, size_t *size)
{
    prepare();
    return venn_yaml_print(&file_schema, file, text, size);
}
