// Several threads at once, as the headers allow: each with a device, networks and programs of its own, all
// with one data set that none of them changes. Under ThreadSanitizer (preset tsan) these are its main subject.
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "device_fixture.h"
#include "toy_training.h"
#include "venn/venn.h"

enum { THREADS = 4, FAILURES = 500 };

typedef struct worker {
    pthread_t thread;
    int number;
    const venn_dataset *data;
    uint64_t seed;
    char hash[33];    // of what was trained
    char fault[1200]; // what went wrong, or ""
} worker;

// Threads assert nothing: Criterion is for one thread alone.
static void run_all(worker *workers, void *(*work)(void *))
{
    for (int i = 0; i < THREADS; i++) {
        workers[i].number = i;
        cr_assert_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    for (int i = 0; i < THREADS; i++)
        cr_assert(!workers[i].fault[0], "thread %d: %s", i, workers[i].fault);
}

// ---- Messages --------------------------------------------------------------------------------

static void *fail_often(void *user)
{
    worker *w = user;
    if (venn_error_message()[0])
        snprintf(w->fault, sizeof w->fault, "a new thread has the message \"%s\"",
                 venn_error_message());
    for (int i = 0; i < FAILURES && !w->fault[0]; i++) {
        char path[64];
        venn_array *array;
        snprintf(path, sizeof path, "/nowhere/thread-%d-array-%d.npy", w->number, i);
        const venn_status status = venn_npy_read(&array, path);
        sched_yield();
        if (status != VENN_BAD_FILE || !strstr(venn_error_message(), path))
            snprintf(w->fault, sizeof w->fault, "%s: the message is \"%s\"", path,
                     venn_error_message());
    }
    return NULL;
}

Test(threads, each_has_its_own_message)
{
    worker workers[THREADS] = {0};
    venn_array *array;
    cr_assert_eq(venn_npy_read(&array, "/nowhere/main.npy"), VENN_BAD_FILE);
    run_all(workers, fail_often);
    cr_assert(strstr(venn_error_message(), "/nowhere/main.npy"), "%s", venn_error_message());
}

// ---- Devices ---------------------------------------------------------------------------------

static venn_status train(venn_device *device, worker *w)
{
    static const char *const modality[] = {"a"};
    venn_net *net;
    venn_fit_result result;
    venn_status status = toy_net_make(&net, device, w->seed);
    if (status < 0)
        return status;
    const venn_fit fit = {.net = net,
                          .modalities = modality,
                          .data = w->data,
                          .epochs = 2,
                          .batch = 16,
                          .seed = w->seed,
                          .optim = {.kind = VENN_OPTIM_ADAM, .lr = 0.01}};
    status = venn_fit_run(device, &fit, &result);
    if (status == VENN_OK) {
        status = venn_net_hash(net, w->hash);
        venn_fit_result_finish(&result);
    }
    venn_net_destroy(&net);
    return status;
}

static void *train_alone(void *user)
{
    worker *w = user;
    venn_device *device;
    venn_status status = venn_device_create(&device, NULL);
    if (status == VENN_OK)
        status = train(device, w);
    if (status < 0)
        snprintf(w->fault, sizeof w->fault, "%s", venn_error_message());
    if (device && venn_device_validation_messages(device))
        snprintf(w->fault, sizeof w->fault, "validation messages");
    venn_device_destroy(&device);
    return NULL;
}

Test(threads, devices_train_side_by_side)
{
    venn_device *device = open_test_device(); // which sets the log, before there are threads
    venn_dataset *data = toy_data();
    worker workers[THREADS] = {0}, alone = {.data = data, .seed = 1};
    for (int i = 0; i < THREADS; i++) {
        workers[i].data = data;
        workers[i].seed = 1 + (uint64_t)(i % 2);
    }
    run_all(workers, train_alone);
    cr_assert_eq(train(device, &alone), VENN_OK, "%s", venn_error_message());
    cr_expect_str_eq(workers[0].hash, alone.hash);
    cr_expect_str_eq(workers[2].hash, alone.hash);
    cr_expect_str_eq(workers[1].hash, workers[3].hash);
    cr_expect_str_neq(workers[1].hash, alone.hash);
    venn_dataset_destroy(&data);
    close_test_device(&device);
}
