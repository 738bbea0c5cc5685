// A method's parameters from the texts of a config.
#ifndef VENN_DISTILL_METHOD_PARAMS_H
#define VENN_DISTILL_METHOD_PARAMS_H

#include "base/status.h"
#include "venn/distill_method.h"

// Writes the value `text` stands for (NULL: the default) into the struct `values`; TEXT keeps the
// pointer. VENN_BAD_FILE says what is allowed.
venn_status venn_method_set_param(const venn_method *method, const venn_method_param *param,
                                  const char *text, void *values);
const venn_method_param *venn_method_find_param(const venn_method *method, const char *key);

#endif
