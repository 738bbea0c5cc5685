// Networks to test: two small ones, their parameters, and graphs that they are applied in.
#ifndef NET_FIXTURE_H
#define NET_FIXTURE_H

#include <criterion/criterion.h>

#include "device_fixture.h"
#include "venn/venn.h"

#define OK(call) cr_assert((call) == VENN_OK, "%s", venn_error_message())
#define COUNT(array) (sizeof(array) / sizeof *(array))

// conv "c1", batch norm, relu, pool, conv, tanh, pool, flatten, dropout, linear "logits"; for [1, 28, 28].
extern const venn_layer fixture_lenet[10];
// linear 7, relu, linear 5 without bias, sigmoid, linear 3.
extern const venn_layer fixture_mlp[5];

venn_net *make_net(venn_device *device, const venn_layer *layers, size_t n, venn_shape input,
                   uint64_t seed);
venn_net *make_mlp(venn_device *device, uint64_t seed); // for [4]
// *values is malloc'd; returns how many.
size_t read_param(const venn_net *net, const char *name, float **values);
void net_hash(const venn_net *net, char text[33]);
// A net of relu and the layer is refused: the message begins with `start` and has `word` in it.
void expect_refused(venn_device *device, venn_layer layer, venn_shape input, venn_status status,
                    const char *start, const char *word);

// A graph in the making and one run of it; each net input is a variable that holds sines.
typedef struct scene {
    venn_device *device;
    venn_graph *g;
    venn_program *program;
    venn_var *vars[4];
    int n_vars;
    uint64_t ticket;
} scene;

void open_scene(scene *s);
float sine(int64_t i);
venn_tensor sines(scene *s, venn_shape shape);
// Compiles at the first call.
void run(scene *s, uint64_t rng_step);
const float *output(scene *s, const char *name);
void close_scene(scene *s);

// y = act(w x + b) of a layer for one sample, in double; act: 0 none, 1 relu, 2 sigmoid.
void dense(const venn_net *net, const char *layer, const double *x, int in, int out, bool bias,
           int act, double *y);
void expect_near(const float *got, const double *want, int n, const char *what);

#endif
