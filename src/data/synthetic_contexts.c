// contexts: what a language model says of 60 words in some contexts. A context is x ~ N(0, I_12); the teacher's
// logits are relu(x A) B with A and B of N(0, 1), each row's mean taken away, all scaled to a standard
// deviation of 2.5 over the training contexts. The label is the word with the greatest one.
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/synthetic.h"

enum { SEED, TRAIN, VALID, TEST, WORDS, SPREAD };
enum { WIDTH = 12, HIDDEN = 64, MOST_WORDS = 4096 };
enum { STREAM_TEACHER, STREAM_SPLITS = 16 }; // streams of a seed

static const venn_generator_param params[] = {
    {"seed", 0, 0, 4294967295.0, "of everything"},
    {"train", 300, 1, 1e6, "contexts to train on"},
    {"valid", 0, 0, 1e6, "contexts to choose the epoch by; 0: none"},
    {"test", 1000, 1, 1e6, "contexts to test on"},
    {"words", 60, 2, MOST_WORDS, "classes"},
    {"spread", 2.5, 1e-6, 1e6, "standard deviation of the teacher's logits"},
    {0}};

typedef struct source {
    const double *values;
    size_t words;
    float *a, *b; // [WIDTH, HIDDEN], [HIDDEN, words]
    double scale; // of logits, known after the training split
} source;

static void answer(const source *s, const float *x, float *logits)
{
    double hidden[HIDDEN], mean = 0;
    for (size_t h = 0; h < HIDDEN; h++) {
        hidden[h] = 0;
        for (size_t i = 0; i < WIDTH; i++)
            hidden[h] += (double)x[i] * (double)s->a[i * HIDDEN + h];
        hidden[h] = fmax(hidden[h], 0);
    }
    for (size_t w = 0; w < s->words; w++) {
        double sum = 0;
        for (size_t h = 0; h < HIDDEN; h++)
            sum += hidden[h] * (double)s->b[h * s->words + w];
        logits[w] = (float)sum;
        mean += sum / (double)s->words;
    }
    for (size_t w = 0; w < s->words; w++)
        logits[w] = (float)((double)logits[w] - mean);
}

// Rows are centred, so the spread is the root of the mean square.
static void rescale(source *s, float *logits, size_t n)
{
    if (s->scale == 0) {
        double squares = 0;
        for (size_t i = 0; i < n; i++)
            squares += (double)logits[i] * (double)logits[i];
        s->scale = squares > 0 ? s->values[SPREAD] / sqrt(squares / (double)n) : 1;
    }
    for (size_t i = 0; i < n; i++)
        logits[i] = (float)(s->scale * (double)logits[i]);
}

static venn_status make_split(venn_dataset *dataset, source *s, int split)
{
    const size_t n = (size_t)s->values[TRAIN + split];
    venn_rng rng = venn_rng_make((uint64_t)s->values[SEED], 0, STREAM_SPLITS + (uint32_t)split);
    float *x = venn_alloc(n * WIDTH, sizeof *x), *z = venn_alloc(n * s->words, sizeof *z);
    int32_t *labels = venn_alloc(n, sizeof *labels);
    venn_status status = x && z && labels ? VENN_OK : VENN_NO_MEMORY;
    for (size_t i = 0; status == VENN_OK && i < n; i++) {
        for (size_t k = 0; k < WIDTH; k++)
            x[i * WIDTH + k] = venn_rng_normal(&rng);
        answer(s, x + i * WIDTH, z + i * s->words);
        labels[i] = 0;
        for (size_t w = 1; w < s->words; w++)
            if (z[i * s->words + w] > z[i * s->words + (size_t)labels[i]])
                labels[i] = (int32_t)w;
    }
    if (status == VENN_OK) {
        rescale(s, z, n * s->words);
        status = venn_dataset_set_split(dataset, (venn_split_id)split, (int64_t)n, labels,
                                        (const float *const[]){x, z});
    }
    free(x);
    free(z);
    free(labels);
    return status;
}

static venn_status fill(venn_dataset *dataset, source *s)
{
    venn_rng rng = venn_rng_make((uint64_t)s->values[SEED], 0, STREAM_TEACHER);
    s->a = venn_alloc(WIDTH * HIDDEN, sizeof *s->a);
    s->b = venn_alloc(HIDDEN * s->words, sizeof *s->b);
    venn_status status = s->a && s->b ? VENN_OK : VENN_NO_MEMORY;
    for (size_t i = 0; status == VENN_OK && i < WIDTH * HIDDEN; i++)
        s->a[i] = venn_rng_normal(&rng);
    for (size_t i = 0; status == VENN_OK && i < HIDDEN * s->words; i++)
        s->b[i] = venn_rng_normal(&rng);
    for (int split = 0; status == VENN_OK && split < VENN_SPLITS; split++)
        if (s->values[TRAIN + split] > 0)
            status = make_split(dataset, s, split);
    free(s->a);
    free(s->b);
    return status;
}

static venn_status make(venn_dataset **out, const char *name, const double *values)
{
    static const char *const names[] = {"context", "teacher"};
    for (int i = SEED; i <= WORDS; i++)
        if (values[i] != floor(values[i]))
            return venn_fail(VENN_BAD_ARG, "%s: %s is a whole number", name, params[i].key);
    source s = {.values = values, .words = (size_t)values[WORDS]};
    const venn_shape shapes[] = {venn_shape_make((int64_t[]){WIDTH}, 1),
                                 venn_shape_make((int64_t[]){(int64_t)s.words}, 1)};
    venn_dataset *dataset = NULL;
    VENN_TRY(venn_dataset_create(&dataset, name, (int32_t)s.words, NULL, 2, names, shapes));
    venn_status status = fill(dataset, &s);
    if (status == VENN_OK)
        *out = dataset;
    else
        venn_dataset_destroy(&dataset);
    return status;
}

const venn_generator venn_generator_contexts = {
    .name = "contexts",
    .summary = "contexts, and a teacher's logits for the word that follows",
    .params = params,
    .make = make,
};
