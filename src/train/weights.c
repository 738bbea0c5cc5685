// A network's weights as safetensors.
#include <stdlib.h>

#include "train/weights.h"
#include "venn/io.h"
#include "venn/train.h"

venn_status venn_weights_read(venn_var *const *vars, size_t n, venn_named_array *arrays)
{
    for (size_t i = 0; i < n; i++) {
        size_t bytes = venn_var_bytes(vars[i]);
        void *data = venn_alloc(1, bytes);
        arrays[i] = (venn_named_array){venn_var_name(vars[i]), venn_var_dtype(vars[i]),
                                       venn_var_shape(vars[i]), data};
        if (!data)
            return VENN_NO_MEMORY;
        VENN_TRY(venn_var_read(vars[i], data, bytes));
    }
    return VENN_OK;
}

void venn_weights_free(venn_named_array *arrays, size_t n)
{
    for (size_t i = 0; arrays && i < n; i++)
        free((void *)arrays[i].data);
    free(arrays);
}

venn_status venn_weights_find(const char *path, const venn_safetensors *file, const char *name,
                              venn_dtype dtype, const venn_shape *shape,
                              const venn_named_array **out)
{
    char want[VENN_SHAPE_TEXT_MAX], have[VENN_SHAPE_TEXT_MAX];
    const venn_named_array *array = *out = venn_safetensors_find(file, name);
    if (!array)
        return venn_fail(VENN_BAD_FILE, "%s: there is no array %s: the file is of another network",
                         path, name);
    if (array->dtype != dtype || !venn_shape_equal(&array->shape, shape))
        return venn_fail(VENN_BAD_FILE, "%s: %s is %s %s, the network needs %s %s", path, name,
                         venn_dtype_name(array->dtype),
                         venn_shape_text(&array->shape, have, sizeof have), venn_dtype_name(dtype),
                         venn_shape_text(shape, want, sizeof want));
    return VENN_OK;
}

venn_status venn_weights_write_var(const char *path, const venn_safetensors *file, const char *name,
                                   venn_var *var)
{
    const venn_named_array *array;
    venn_shape shape = venn_var_shape(var);
    VENN_TRY(venn_weights_find(path, file, name, venn_var_dtype(var), &shape, &array));
    return venn_var_write(var, array->data, venn_var_bytes(var));
}

static venn_var **all_vars(const venn_net *net, size_t *n)
{
    *n = venn_net_n_params(net);
    venn_var **vars = venn_alloc(*n, sizeof *vars);
    for (size_t i = 0; vars && i < *n; i++)
        vars[i] = venn_net_param_at(net, i)->var;
    return vars;
}

venn_status venn_net_save(const venn_net *net, const char *path)
{
    size_t n;
    venn_var **vars = all_vars(net, &n);
    venn_named_array *arrays = venn_alloc(n, sizeof *arrays);
    venn_status status = vars && arrays ? venn_weights_read(vars, n, arrays) : VENN_NO_MEMORY;
    if (status == VENN_OK)
        status = venn_safetensors_write(path, arrays, n, NULL, 0);
    venn_weights_free(arrays, n);
    free(vars);
    return status;
}

venn_status venn_net_load(venn_net *net, const char *path)
{
    venn_safetensors *file;
    VENN_TRY(venn_safetensors_read(&file, path));
    venn_status status = VENN_OK;
    for (size_t i = 0; i < venn_net_n_params(net) && status == VENN_OK; i++) {
        const venn_net_param *p = venn_net_param_at(net, i);
        status = venn_weights_write_var(path, file, p->name, p->var);
    }
    venn_safetensors_destroy(&file);
    return status;
}
