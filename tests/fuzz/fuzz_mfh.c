// Readers of the modality focusing hypothesis' results.
#include "fuzz.h"
#include "mfh/result_read.h"
#include "venn/ranking.h"

void fuzz_mfh(const uint8_t *data, size_t size)
{
    venn_mfh_file file;
    if (venn_mfh_file_read(&file, fuzz_file("result.json", data, size)) == VENN_OK)
        venn_mfh_file_finish(&file);
}

void fuzz_ranking(const uint8_t *data, size_t size)
{
    venn_ranking ranking;
    fuzz_file("ranking.json", data, size);
    if (venn_ranking_read(&ranking, fuzz_folder()) == VENN_OK)
        venn_ranking_finish(&ranking);
}
