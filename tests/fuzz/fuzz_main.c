// A libFuzzer program of one target (FUZZ_TARGET): what is held in memory is added up while the target runs,
// and more than the target's share of its input's size is a crash like any other.
#include <sanitizer/allocator_interface.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "venn/base.h"

#define JOIN(a, b) a##b
#define PASTE(a, b) JOIN(a, b)

enum { SLACK = 4 << 20 };

static const size_t factors[] = {
#define TARGET(name, most, factor) [__COUNTER__] = (factor),
#include "targets.def"
#undef TARGET
};

enum {
#define TARGET(name, most, factor) target_##name,
#include "targets.def"
#undef TARGET
};

// What is held needs the size of all that is freed, which ASan is slow to find. Most inputs make their reader ask for
// less than the limit in all, and so hold less.
static enum phase { IDLE, ADDING, HOLDING } phase;
static size_t held, most_held;

static void on_malloc(const volatile void *memory, size_t size)
{
    (void)memory;
    if (phase == IDLE)
        return;
    held += size;
    most_held = held > most_held ? held : most_held;
}

// Memory from before the input may be freed, too.
static void on_free(const volatile void *memory)
{
    const size_t size = phase == HOLDING && memory ? __sanitizer_get_allocated_size(memory) : 0;
    held = size < held ? held - size : 0;
}

static void run(const uint8_t *data, size_t size, enum phase how)
{
    held = most_held = 0;
    phase = how;
    PASTE(fuzz_, FUZZ_TARGET)(data, size);
    phase = IDLE;
}

// What libFuzzer calls; it has no header that says so.
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void drop(void *user, venn_log_level level, const char *text)
{
    (void)user;
    (void)level;
    (void)text;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    venn_log_set(drop, NULL, VENN_LOG_ERROR);
    return !__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t limit = SLACK + factors[PASTE(target_, FUZZ_TARGET)] * size;
    run(data, size, ADDING);
    if (most_held > limit)
        run(data, size, HOLDING);
    if (most_held > limit) {
        fprintf(stderr, "memory: an input of %zu bytes made its reader hold %zu, over %zu\n", size,
                most_held, limit);
        abort();
    }
    return 0;
}
