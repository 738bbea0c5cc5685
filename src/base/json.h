// JSON numbers as all files of venn have them: JSON knows neither infinity nor NaN, so that what is not finite
// is null, and what is null or absent is NaN.
#ifndef VENN_BASE_JSON_H
#define VENN_BASE_JSON_H

#include <jansson.h>
#include <stdint.h>

json_t *venn_json_real(double value);
json_t *venn_json_reals(const double *values, int64_t n);
// Member `key` of the object.
double venn_json_number(const json_t *object, const char *key);

#endif
