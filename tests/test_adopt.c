// venn on a device of somebody else's: the same numbers, what its own commands read of venn's arrays, what
// is left behind, and handles that do not fit each other.
#include <criterion/criterion.h>
#include <string.h>

#include "device_fixture.h"
#include "foreign_vulkan.h"
#include "venn/graph.h"
#include "venn/ops.h"

enum { N = 1000 };

#define OK(call) cr_assert_eq((call), VENN_OK, "%s", venn_error_message())

// Puts softmax's result into `out`, and the half of it into a variable that was 0; returns the ticket.
static uint64_t run(venn_device *device, venn_var *var, float out[N])
{
    venn_graph *g;
    venn_program *program;
    OK(venn_graph_create(&g));
    venn_tensor x = venn_graph_input(g, "x", VENN_F32, VENN_SHAPE(10, N / 10));
    venn_tensor y = venn_softmax(g, x);
    venn_graph_output(g, "y", y);
    const venn_tensor mean = venn_graph_var(g, var);
    venn_ema(g, 1, &mean, &y, VENN_NONE, VENN_NONE, &(venn_ema_params){.momentum = 0.5f});
    OK(venn_graph_compile(&program, g, device, NULL));
    OK(venn_program_begin(program));
    float *in = venn_program_input(program, "x", NULL);
    for (int i = 0; i < N; i++)
        in[i] = (float)(i * 7919 % 101) / 10 - 5;
    uint64_t ticket;
    OK(venn_program_run(program, &ticket));
    memcpy(out, venn_program_output(program, ticket, "y", NULL), N * sizeof *out);
    venn_program_destroy(&program);
    venn_graph_destroy(&g);
    return ticket;
}

static venn_var *make_var(venn_device *device)
{
    venn_var *var;
    OK(venn_var_create(&var, device, "mean", VENN_F32, VENN_SHAPE(10, N / 10)));
    return var;
}

Test(adopt, gives_what_a_device_of_venns_own_gives)
{
    float out[2][N], mean[2][N];
    venn_device *own = open_test_device();
    venn_var *var = make_var(own);
    run(own, var, out[0]);
    OK(venn_var_read(var, mean[0], sizeof mean[0]));
    foreign_vulkan f;
    foreign_vulkan_open(&f, VK_API_VERSION_1_2);
    venn_device *device;
    OK(venn_device_adopt(&device, &f.handles));
    venn_var *adopted = make_var(device);
    run(device, adopted, out[1]);
    OK(venn_var_read(adopted, mean[1], sizeof mean[1]));
    cr_assert_arr_eq(out[0], out[1], sizeof out[0]);
    cr_assert_arr_eq(mean[0], mean[1], sizeof mean[0]);
    cr_assert_str_eq(venn_device_get_info(device)->uuid_text, venn_device_get_info(own)->uuid_text);
    venn_var_destroy(&adopted);
    venn_device_destroy(&device);
    cr_assert_null(device);
    foreign_vulkan_close(&f);
    // The device of venn's own has been there all along.
    run(own, var, out[1]);
    cr_assert_arr_eq(out[0], out[1], sizeof out[0]);
    venn_var_destroy(&var);
    close_test_device(&own);
}

Test(adopt, its_owner_reads_arrays_where_they_are)
{
    foreign_vulkan f;
    foreign_vulkan_open(&f, VK_API_VERSION_1_2);
    venn_device *device;
    OK(venn_device_adopt(&device, &f.handles));
    venn_var *before = make_var(device), *var = make_var(device);
    float out[N], fetched[N], read[N];
    const uint64_t ticket = run(device, var, out);
    venn_vulkan_buffer place, other;
    venn_var_vulkan(var, &place);
    venn_var_vulkan(before, &other);
    cr_assert_eq(place.size, venn_var_bytes(var));
    cr_assert_eq(place.offset % 256, 0);
    cr_assert(place.buffer != other.buffer || place.offset >= other.offset + other.size);
    foreign_vulkan_fetch(&f, venn_vulkan_timeline(device), ticket, &place, fetched);
    OK(venn_var_read(var, read, sizeof read));
    cr_assert_arr_eq(fetched, read, sizeof read);
    for (int i = 0; i < N; i++)
        cr_assert_float_eq(fetched[i], out[i] / 2, 1e-6);
    venn_var_destroy(&before);
    venn_var_destroy(&var);
    venn_device_destroy(&device);
    foreign_vulkan_close(&f);
}

typedef struct counter {
    int depth;
    uint64_t locks;
} counter;

static void lock(void *user)
{
    counter *c = user;
    cr_assert_eq(c->depth++, 0);
    c->locks++;
}

static void unlock(void *user)
{
    cr_assert_eq(((counter *)user)->depth--, 1);
}

// Two of them share the queue, whose lock is taken once for every submission.
Test(adopt, holds_the_lock_of_the_queue_while_it_submits)
{
    foreign_vulkan f;
    foreign_vulkan_open(&f, VK_API_VERSION_1_2);
    counter c = {0};
    f.handles.lock_queue = lock;
    f.handles.unlock_queue = unlock;
    f.handles.user = &c;
    venn_device *device[2];
    float out[2][N];
    for (int i = 0; i < 2; i++)
        OK(venn_device_adopt(&device[i], &f.handles));
    for (int i = 0; i < 2; i++) {
        venn_var *var = make_var(device[i]);
        run(device[i], var, out[i]);
        venn_var_destroy(&var);
    }
    cr_assert_arr_eq(out[0], out[1], sizeof out[0]);
    cr_assert_gt(c.locks, 0);
    cr_assert_eq(c.locks, venn_device_submissions(device[0]) + venn_device_submissions(device[1]));
    for (int i = 0; i < 2; i++)
        venn_device_destroy(&device[i]);
    foreign_vulkan_close(&f);
}

static void refuse(const venn_vulkan_params *handles, const char *part)
{
    venn_device *device = (venn_device *)1;
    cr_assert_eq(venn_device_adopt(&device, handles), VENN_BAD_ARG);
    cr_assert_null(device);
    cr_assert(strstr(venn_error_message(), part) != NULL, "%s: %s", part, venn_error_message());
}

Test(adopt, refuses_handles_that_do_not_fit)
{
    foreign_vulkan f, other;
    foreign_vulkan_open(&f, VK_API_VERSION_1_2);
    foreign_vulkan_open(&other, VK_API_VERSION_1_2);
    venn_vulkan_params handles = f.handles;
    handles.instance = NULL, refuse(&handles, "instance is not set");
    handles = f.handles, handles.physical_device = NULL;
    refuse(&handles, "physical_device is not set");
    handles = f.handles, handles.device = NULL, refuse(&handles, "device is not set");
    handles = f.handles, handles.queue = NULL, refuse(&handles, "queue is not set");
    handles = f.handles, handles.lock_queue = lock, refuse(&handles, "unlock_queue is not set");
    handles = f.handles, handles.unlock_queue = unlock, refuse(&handles, "lock_queue is not set");
    handles = f.handles, handles.physical_device = other.handles.physical_device;
    refuse(&handles, "physical_device is none of the instance's");
    handles = f.handles, handles.queue_family = 99, refuse(&handles, "queue_family is 99");
    foreign_vulkan_close(&other);
    foreign_vulkan_close(&f);
}

Test(adopt, refuses_an_instance_that_is_too_old)
{
    foreign_vulkan f;
    foreign_vulkan_open(&f, VK_API_VERSION_1_1);
    refuse(&f.handles, "apiVersion");
    foreign_vulkan_close(&f);
}

Test(adopt, keeps_to_its_memory_limit)
{
    foreign_vulkan f;
    foreign_vulkan_open(&f, VK_API_VERSION_1_2);
    f.handles.memory_limit = 1 << 20;
    venn_device *device;
    venn_var *var;
    OK(venn_device_adopt(&device, &f.handles));
    cr_assert_eq(venn_var_create(&var, device, "large", VENN_F32, VENN_SHAPE(1 << 20)),
                 VENN_NO_DEVICE_MEMORY);
    venn_device_destroy(&device);
    foreign_vulkan_close(&f);
}
