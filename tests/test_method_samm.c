// Continual learning with replay: without a buffer the past is forgotten, with one it is not, and all tasks at once
// are an upper bound. And the buffer holds what reservoir sampling says.
#include <criterion/criterion.h>

#include "data_files.h"
#include "method_bed.h"
#include "venn/io.h"

#define SMALL "limit: 1000", "limit: 500", "seeds: 3", "seeds: 1", "epochs: 10", "epochs: 6"
#define PLAIN "\n  alone: 0\n  consistency: 0\n  dynamic: false"

enum { BUFFER = 100, BATCH = 20, EPOCHS = 6, PAIRS = 500 };

static const int32_t *numbers(const venn_safetensors *file, const char *name, int64_t n)
{
    const venn_named_array *array = venn_safetensors_find(file, name);
    cr_assert(array && venn_shape_count(&array->shape) == n, "%s", name);
    return array->data;
}

static void check_buffer(void)
{
    venn_safetensors *file;
    cr_assert_eq(
        venn_safetensors_read(&file, scratch_path("method-run/seed-0/distilled/last.safetensors")),
        VENN_OK, "%s", venn_error_message());
    // Every batch of every task went past; batches are whole.
    const int32_t seen = *numbers(file, "seen", 1), *stored = numbers(file, "stored", BUFFER);
    cr_expect(seen % (BATCH * EPOCHS) == 0 && seen > EPOCHS * (PAIRS - 5 * BATCH) &&
                  seen <= EPOCHS * PAIRS,
              "%d", seen);
    int32_t least = PAIRS, most = 0;
    for (int i = 0; i < BUFFER; i++) {
        cr_assert(stored[i] >= 0 && stored[i] < PAIRS);
        least = stored[i] < least ? stored[i] : least;
        most = stored[i] > most ? stored[i] : most;
    }
    cr_expect(least < PAIRS / 5 && most > PAIRS * 4 / 5, "from %d to %d", least, most);
    venn_safetensors_destroy(&file);
}

Test(method_samm, remembers)
{
    json_t *samm = method_run("samm", SMALL, NULL);
    check_buffer();
    json_t *replay = method_run("samm", SMALL, "buffer: 100", "buffer: 100" PLAIN, NULL);
    json_t *none = method_run("samm", SMALL, "buffer: 100", "buffer: 0" PLAIN, NULL);
    const double all = method_score(samm, "student"), mine = method_score(samm, "distilled");
    const double er = method_score(replay, "distilled"), sgd = method_score(none, "distilled");
    cr_log_info("all at once %.1f, samm %.1f, replay %.1f, nothing %.1f", all, mine, er, sgd);
    cr_expect_geq(er - sgd, 20, "%.1f and %.1f", er, sgd);
    cr_expect_gt(all, er);
    cr_expect_gt(all, mine);
    cr_expect_gt(mine, er);
    json_decref(samm);
    json_decref(replay);
    json_decref(none);
}
