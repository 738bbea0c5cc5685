// Fixture of the tests of `venn distill` and its kin: a job so small that every device trains it at once,
// in the scratch folder, and copies of its files with one thing changed.
#ifndef TINY_JOB_H
#define TINY_JOB_H

// 48 pairs of a picture [8] and a sound [4] in 3 classes: data.yaml and its npy files. Picture on line 5.
extern const char tiny_data[];
// Networks of 8 hidden units, 2 seeds, 2 epochs, batches of 8.
extern const char tiny_config[];

// Writes data.yaml, its arrays, and job.yaml.
void tiny_write(void);
// Writes `file`: the text with changes, each an old part, of which the first one is replaced, and a new
// one; NULL ends them. Fails where there is no such old part.
void tiny_changed(const char *file, const char *original, ...) __attribute__((sentinel));

#endif
