// CSV: quoting, selection, and rows that are wrong.
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "data/csv.h"
#include "data_files.h"

static venn_csv parse(const char *text)
{
    venn_csv csv = {0};
    cr_assert_eq(venn_csv_parse(&csv, "a.csv", (const uint8_t *)text, strlen(text)), VENN_OK, "%s",
                 venn_error_message());
    return csv;
}

static venn_status try_csv(const char *name, const uint8_t *data, size_t size)
{
    venn_csv csv = {0};
    venn_status status = venn_csv_parse(&csv, name, data, size);
    venn_csv_finish(&csv);
    return status;
}

static void refuse(const char *text, const char *part)
{
    check_fails(try_csv("a.csv", (const uint8_t *)text, strlen(text)), VENN_BAD_FILE, part);
}

Test(data_csv, cells)
{
    venn_csv csv = parse("\xef\xbb\xbf"
                         "file,note\r\na.wav,\"x, \"\"y\"\"\nz\"\r\n\r\n,last");
    cr_assert_eq(csv.columns, 2);
    cr_assert_eq(csv.rows, 2);
    size_t note;
    cr_assert_eq(venn_csv_column(&csv, "note", &note), VENN_OK);
    cr_assert_eq(note, 1);
    cr_assert_str_eq(venn_csv_cell(&csv, 0, 0), "a.wav");
    cr_assert_str_eq(venn_csv_cell(&csv, 0, 1), "x, \"y\"\nz");
    cr_assert_str_eq(venn_csv_cell(&csv, 1, 0), "");
    cr_assert_str_eq(venn_csv_cell(&csv, 1, 1), "last");
    check_fails(venn_csv_column(&csv, "label", &note), VENN_BAD_FILE, "there are: file, note");
    venn_csv_finish(&csv);
}

Test(data_csv, selection)
{
    venn_csv csv = parse("split,who,digit\ntrain,a,1\ntest,a,2\ntrain,b,x\ntrain,c,99999999999\n");
    uint32_t *rows;
    size_t count;
    const char *where[] = {"split=train", "who!=a"};
    cr_assert_eq(venn_csv_select(&csv, where, 2, &rows, &count), VENN_OK);
    cr_assert_eq(count, 2);
    cr_assert(rows[0] == 2 && rows[1] == 3);
    free(rows);
    cr_assert_eq(venn_csv_select(&csv, NULL, 0, &rows, &count), VENN_OK);
    cr_assert_eq(count, 4);
    free(rows);
    const char *no_column[] = {"speaker=a"}, *no_sign[] = {"train"};
    check_fails(venn_csv_select(&csv, no_column, 1, &rows, &count), VENN_BAD_FILE, "'speaker'");
    check_fails(venn_csv_select(&csv, no_sign, 1, &rows, &count), VENN_BAD_FILE, "title=value");
    int32_t value;
    cr_assert_eq(venn_csv_int(&csv, 1, 2, &value), VENN_OK);
    cr_assert_eq(value, 2);
    check_fails(venn_csv_int(&csv, 2, 2, &value), VENN_BAD_FILE, "'x' is not a whole number");
    check_fails(venn_csv_int(&csv, 3, 2, &value), VENN_BAD_FILE, "whole number");
    venn_csv_finish(&csv);
}

Test(data_csv, refused)
{
    refuse("", "empty");
    refuse("a,b\n1\n", "a.csv:2: 1 cells where the header has 2");
    refuse("a,b\n1,2\n1,2,3\n", "a.csv:3: 3 cells");
    refuse("a,b\n1,\"2\n", "a.csv:2: the quote is never closed");
    refuse("a,b\n1,\"2\"x\n", "text follows");
    check_fails(try_csv("a.csv", (const uint8_t *)"a\0b", 3), VENN_BAD_FILE, "not a text file");
    // A text cut at the end of a cell is a good text, so this only must not crash.
    const char text[] = "a,b\n1,\"2, \"\"3\"\"\"\r\n4,5\n";
    check_corruptions(try_csv, text, sizeof text - 1);
    for (size_t keep = 0; keep < sizeof text; keep++)
        try_csv("a.csv", (const uint8_t *)text, keep);
}
