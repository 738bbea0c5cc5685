// copy_weights FROM TO: a safetensors file, read and written by venn, with the texts "format" and "about".
#include <stdio.h>
#include <stdlib.h>

#include "venn/io.h"

int main(int argc, char **argv)
{
    static const char *const keys[] = {"format", "about"};
    venn_safetensors *file = NULL;
    venn_metadata texts[2];
    size_t n = 0, n_texts = 0;
    if (argc != 3)
        return 2;
    venn_status status = venn_safetensors_read(&file, argv[1]);
    venn_named_array *arrays = NULL;
    if (status == VENN_OK) {
        n = venn_safetensors_count(file);
        arrays = calloc(n + 1, sizeof *arrays);
        for (size_t i = 0; arrays && i < n; i++)
            arrays[i] = *venn_safetensors_at(file, i);
        for (size_t i = 0; i < 2; i++) {
            const char *value = venn_safetensors_metadata(file, keys[i]);
            if (value)
                texts[n_texts++] = (venn_metadata){keys[i], value};
        }
        if (arrays)
            status = venn_safetensors_write(argv[2], arrays, n, texts, n_texts);
    }
    if (status < 0)
        fprintf(stderr, "%s\n", venn_error_message());
    free(arrays);
    venn_safetensors_destroy(&file);
    return status < 0;
}
