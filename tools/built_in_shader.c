// Writes the shader of a line of src/ops/fused.def, for the build.
// usage: built_in_shader NAME[.texel] FILE
#include <string.h>

#include "ops/fused_text.h"

static const struct {
    const char *name, *recipe;
} built_in[] = {
#define FUSED(name, recipe) {#name, recipe},
#include "ops/fused.def"
#undef FUSED
};

static const char *find(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
        if (strlen(built_in[i].name) == length && strncmp(built_in[i].name, name, length) == 0)
            return built_in[i].recipe;
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: built_in_shader NAME[.texel] FILE\n");
        return 2;
    }
    const char *dot = strchr(argv[1], '.');
    const char *recipe = find(argv[1], dot ? (size_t)(dot - argv[1]) : strlen(argv[1]));
    FILE *out = recipe ? fopen(argv[2], "w") : NULL;
    if (!out || !venn_fused_text(out, recipe, dot != NULL) || fclose(out) != 0) {
        fprintf(stderr, "%s: %s\n", argv[1],
                recipe ? "no shader can be written from its recipe" : "not in fused.def");
        return 1;
    }
    return 0;
}
