// libshaderc at run time (see glsl.h).
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/glsl.h"
#include "kernel/shader_source.h"

venn_hash venn_glsl_hash(const char *text)
{
    venn_hash hash = venn_hash_bytes(text, strlen(text));
    for (const venn_shader_source *s = venn_shader_sources; s->name; s++)
        hash = venn_hash_join(hash, venn_hash_bytes(s->text, strlen(s->text)));
    return hash;
}

#ifdef VENN_HAS_SHADERC
#include "kernel/shaderc_functions.h"

static venn_shaderc shaderc;
static bool is_loaded;

// A function's address is copied as the object that dlsym returns: ISO C knows no cast for it.
static bool find_functions(void *library)
{
    const venn_shaderc *module = dlsym(library, "venn_shaderc_module");
    bool all = true;
    if (module) {
        shaderc = *module;
        return true;
    }
#define X(name)                                                                                    \
    *(void **)&shaderc.name = dlsym(library, "shaderc_" #name);                                    \
    all &= shaderc.name != NULL;
    VENN_SHADERC_FUNCTIONS(X)
#undef X
    return all;
}

// libvenn_shaderc.so is the same library, linked by our own build: not every distribution's can be loaded
// (cmake/VennShaderc.cmake). The program finds it by its run path, programs of others where it is installed.
static void load(void)
{
    const char *names[] = {getenv("VENN_SHADERC"), "libshaderc.so.1", "libvenn_shaderc.so",
                           VENN_SHADERC_PLACES};
    for (size_t i = 0; i < sizeof names / sizeof *names && !is_loaded; i++) {
        void *library = names[i] && *names[i] ? dlopen(names[i], RTLD_NOW | RTLD_LOCAL) : NULL;
        is_loaded = library && find_functions(library);
        if (library && !is_loaded)
            dlclose(library);
    }
}

bool venn_glsl_usable(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const char *given = getenv("VENN_SHADERC");
    if (given && strcmp(given, "none") == 0)
        return false;
    pthread_once(&once, load);
    return is_loaded;
}

static shaderc_include_result *find_include(void *user, const char *wanted, int type,
                                            const char *from, size_t depth)
{
    static const char words[] = "not a shader that kernels include";
    static shaderc_include_result missing = {"", 0, words, sizeof words - 1, NULL};
    (void)user;
    (void)type;
    (void)from;
    (void)depth;
    for (const venn_shader_source *s = venn_shader_sources; s->name; s++) {
        if (strcmp(s->name, wanted) != 0)
            continue;
        shaderc_include_result *result = VENN_NEW(shaderc_include_result);
        if (!result)
            return &missing;
        *result =
            (shaderc_include_result){s->name, strlen(s->name), s->text, strlen(s->text), result};
        return result;
    }
    return &missing;
}

static void release_include(void *user, shaderc_include_result *result)
{
    (void)user;
    free(result->user_data); // NULL of the one that is not allocated
}

static venn_status take_result(const char *name, shaderc_compilation_result_t result,
                               uint32_t **code, size_t *size)
{
    if (shaderc.result_get_compilation_status(result) != shaderc_compilation_status_success)
        return venn_fail(VENN_UNSUPPORTED, "kernel %s: libshaderc says: %s", name,
                         shaderc.result_get_error_message(result));
    *size = shaderc.result_get_length(result);
    *code = venn_alloc(1, *size);
    if (!*code)
        return VENN_NO_MEMORY;
    memcpy(*code, shaderc.result_get_bytes(result), *size);
    return VENN_OK;
}

// As cmake/VennShaders.cmake has it done at build time.
static void set_options(shaderc_compile_options_t options)
{
    shaderc.compile_options_set_optimization_level(options, shaderc_optimization_level_performance);
    shaderc.compile_options_set_target_env(options, shaderc_target_env_vulkan,
                                           shaderc_env_version_vulkan_1_2);
    shaderc.compile_options_set_forced_version_profile(options, 450, shaderc_profile_none);
    shaderc.compile_options_set_include_callbacks(options, find_include, release_include, NULL);
}

venn_status venn_glsl_compile(const char *name, const char *text, uint32_t **code, size_t *size)
{
    if (!venn_glsl_usable())
        return venn_fail(VENN_UNSUPPORTED, "kernel %s: there is no libshaderc to make it", name);
    venn_status status = VENN_NO_MEMORY;
    shaderc_compiler_t compiler = shaderc.compiler_initialize();
    shaderc_compile_options_t options = shaderc.compile_options_initialize();
    shaderc_compilation_result_t result = NULL;
    if (compiler && options) {
        set_options(options);
        result = shaderc.compile_into_spv(compiler, text, strlen(text), shaderc_compute_shader,
                                          name, "main", options);
    }
    if (result)
        status = take_result(name, result, code, size);
    else
        venn_fail(VENN_NO_MEMORY, "kernel %s: libshaderc is out of memory", name);
    if (result)
        shaderc.result_release(result);
    if (options)
        shaderc.compile_options_release(options);
    if (compiler)
        shaderc.compiler_release(compiler);
    return status;
}

#else

bool venn_glsl_usable(void)
{
    return false;
}

venn_status venn_glsl_compile(const char *name, const char *text, uint32_t **code, size_t *size)
{
    (void)text;
    (void)code;
    (void)size;
    return venn_fail(VENN_UNSUPPORTED, "kernel %s: venn was built without libshaderc", name);
}

#endif
