// Fixture of the methods' acceptance tests: runs a method's example, changed where the test wants it, in the
// scratch folder, and reads what came out.
#ifndef METHOD_BED_H
#define METHOD_BED_H

#include <jansson.h>

// assets/methods/<name>.yaml with changes, each an old part, of which the first one is replaced, and a new
// one; NULL ends them. Runs it on the test device; the test fails where the run does. Returns its
// summary.json, to be freed by json_decref.
json_t *method_run(const char *name, ...) __attribute__((sentinel));
// The same, but the run is refused with a message that contains `part`.
void method_refused(const char *part, const char *name, ...) __attribute__((sentinel));

// Mean over the seeds, in percent: the test score of a stage ("teacher", "student", "distilled"), and of a
// measure of the distilled stage.
double method_score(const json_t *summary, const char *stage);
double method_measure(const json_t *summary, const char *measure);

#endif
