#include "base/json.h"

#include <math.h>

json_t *venn_json_real(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *venn_json_reals(const double *values, int64_t n)
{
    json_t *array = json_array();
    for (int64_t i = 0; i < n; i++)
        json_array_append_new(array, venn_json_real(values[i]));
    return array;
}

double venn_json_number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}
