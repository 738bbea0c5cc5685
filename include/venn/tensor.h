// venn/tensor.h: the two things called tensor. A venn_tensor is a value in a graph, known by shape
// before it exists; a venn_var is an array that lives on the device from step to step.
#ifndef VENN_TENSOR_H
#define VENN_TENSOR_H

#include "venn/device.h"

#ifdef __cplusplus
extern "C" {
#endif

// A value in the graph that made it; id 0 is "no tensor": what a failed call returns, and what an
// optional argument may be. Copy it freely, it owns nothing.
typedef struct venn_tensor {
    uint32_t id;
} venn_tensor;

// No tensor.
#define VENN_NONE ((venn_tensor){0})

// An array in device memory that outlives programs: a parameter, an optimizer's moment, a table.
// Any number of graphs on the same device may use it. All venn arrays are dense and row-major.
typedef struct venn_var venn_var;

// Zero-filled. name (copied, may be NULL) shows in messages, checkpoints and debuggers.
venn_status venn_var_create(venn_var **out, venn_device *device, const char *name, venn_dtype dtype,
                            venn_shape shape);
// Destroy after the programs that use it.
void venn_var_destroy(venn_var **var);

// As it was made; the name is "variable" if it was given none, and owned by the variable.
const char *venn_var_name(const venn_var *var);
venn_dtype venn_var_dtype(const venn_var *var);
venn_shape venn_var_shape(const venn_var *var);
size_t venn_var_bytes(const venn_var *var);

// Copy the whole array from or to host memory; waits for earlier submissions of the device.
// bytes must equal venn_var_bytes (VENN_BAD_ARG otherwise).
venn_status venn_var_write(venn_var *var, const void *data, size_t bytes);
venn_status venn_var_read(const venn_var *var, void *data, size_t bytes);

struct venn_vulkan_buffer;
// Where Vulkan has the array, for programs whose own commands use it (venn/vulkan.h). Making a network or
// an optimizer may move its variables, so ask when all of them are made.
void venn_var_vulkan(const venn_var *var, struct venn_vulkan_buffer *out);

#ifdef __cplusplus
}
#endif
#endif
