// Text as counts of its n-grams.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "data/grams.h"
#include "data_files.h"

enum { WIDTH = 64 };

static venn_array *parse(const char *text, venn_grams_params params)
{
    venn_array *array = NULL;
    cr_assert_eq(
        venn_grams_parse(&array, "t.tsv", (const uint8_t *)text, strlen(text), &params, WIDTH),
        VENN_OK, "%s", venn_error_message());
    return array;
}

static const float *row(const venn_array *array, int i)
{
    return (const float *)array->data + i * WIDTH;
}

static double dot(const float *a, const float *b)
{
    double sum = 0;
    for (int i = 0; i < WIDTH; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

Test(grams, lines_columns_and_ends)
{
    venn_array *a = parse("x\tCat\t1\r\ny\tcat\nz\tdog\n", (venn_grams_params){.column = 1});
    cr_assert(shape_is(a, VENN_SHAPE(3, WIDTH)));
    cr_expect(memcmp(row(a, 0), row(a, 1), WIDTH * sizeof(float)) == 0);
    for (int i = 0; i < 3; i++)
        cr_expect_float_eq(dot(row(a, i), row(a, i)), 1, 1e-5);
    cr_expect(dot(row(a, 0), row(a, 2)) < 0.9);
    venn_array_destroy(&a);
}

// " aab ": of single characters two spaces, two a's and one b; the order counts only from 2 on.
Test(grams, counts)
{
    venn_array *a = parse("aab\naba\n", (venn_grams_params){.shortest = 1, .longest = 1});
    float most = 0, sum = 0;
    for (int i = 0; i < WIDTH; i++) {
        most = fmaxf(most, row(a, 0)[i]);
        sum += row(a, 0)[i];
    }
    cr_expect_float_eq(most, 2 / sqrtf(9), 1e-5);
    cr_expect_float_eq(sum, 5 / sqrtf(9), 1e-5);
    cr_expect(memcmp(row(a, 0), row(a, 1), WIDTH * sizeof(float)) == 0);
    venn_array_destroy(&a);
    a = parse("aab\naba\n", (venn_grams_params){.shortest = 3, .longest = 3});
    cr_expect(memcmp(row(a, 0), row(a, 1), WIDTH * sizeof(float)) != 0);
    venn_array_destroy(&a);
}

// A character of two bytes is one: "\u00e9" alone has no 2-gram without a space.
Test(grams, characters_stay_whole)
{
    venn_array *a = parse("\u00e9\n", (venn_grams_params){.shortest = 1, .longest = 1});
    int places = 0;
    for (int i = 0; i < WIDTH; i++)
        places += row(a, 0)[i] > 0;
    cr_expect_eq(places, 2);
    venn_array_destroy(&a);
}

Test(grams, refuses)
{
    venn_array *a = NULL;
    const venn_grams_params params = {.column = 1};
    const char *text = "a\tb\nc\n";
    check_fails(venn_grams_parse(&a, "t.tsv", (const uint8_t *)text, strlen(text), &params, WIDTH),
                VENN_BAD_FILE, "t.tsv:2: there is no column 1");
    cr_assert_null(a);
    check_fails(venn_grams_parse(&a, "t.tsv", (const uint8_t *)"", 0, &params, WIDTH),
                VENN_BAD_FILE, "no line");
    check_fails(venn_grams_read(&a, "/no/t.tsv", &params, WIDTH), VENN_BAD_FILE, "/no/t.tsv");
}
