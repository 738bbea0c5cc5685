// venn devices: every Vulkan device of this machine, in venn's order.
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

static json_t *to_json(const venn_device_info *d)
{
    json_t *object = json_pack("{s:i, s:s, s:s, s:s, s:s, s:b}", "index", d->index, "name", d->name,
                               "driver", d->driver, "uuid", d->uuid_text, "kind",
                               venn_device_kind_name(d->kind), "usable", d->usable);
    const struct {
        const char *key;
        uint64_t value;
    } numbers[] = {{"vendor_id", d->vendor_id},
                   {"device_id", d->device_id},
                   {"driver_id", d->driver_id},
                   {"driver_version", d->driver_version},
                   {"api_version", d->api_version},
                   {"subgroup_size", d->subgroup_size},
                   {"max_workgroup_size", d->max_workgroup_size},
                   {"shared_memory", d->shared_memory},
                   {"max_storage_range", d->max_storage_range},
                   {"max_texel_elements", d->max_texel_elements},
                   {"device_memory", d->device_memory}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_object_set_new(object, numbers[i].key, json_integer((json_int_t)numbers[i].value));
    json_object_set_new(object, "unified_memory", json_boolean(d->unified_memory));
    json_object_set_new(object, "f16", json_boolean(d->f16));
    json_object_set_new(object, "timestamps", json_boolean(d->timestamps));
    if (!d->usable)
        json_object_set_new(object, "why_not", json_string(d->why_not));
    venn_verdict verdict;
    venn_verdict_load(d, &verdict);
    json_object_set_new(object, "verdict",
                        verdict.known
                            ? json_pack("{s:b, s:b, s:b, s:s, s:i, s:i}", "fit", verdict.fit,
                                        "same_driver", verdict.same_driver, "same_shaders",
                                        verdict.same_shaders, "date", verdict.date, "ops",
                                        verdict.ops, "failed_ops", verdict.failed_ops)
                            : json_null());
    return object;
}

static void print_text(const venn_device_info *d)
{
    printf("%d: %s\n", d->index, d->name);
    printf("   %s, driver %s, Vulkan %u.%u.%u\n", venn_device_kind_name(d->kind), d->driver,
           d->api_version >> 22 & 0x7f, d->api_version >> 12 & 0x3ff, d->api_version & 0xfff);
    printf("   UUID %s\n", d->uuid_text);
    if (!d->usable) {
        printf("   cannot be used: %s\n", d->why_not);
        return;
    }
    printf("   memory %.1f GiB%s, one binding sees %.0f MiB\n",
           (double)d->device_memory / (1 << 30), d->unified_memory ? " shared with the host" : "",
           (double)d->max_storage_range / (1 << 20));
    printf("   subgroups of %u, workgroups of up to %u, %u KiB shared, %s, %s\n", d->subgroup_size,
           d->max_workgroup_size, d->shared_memory / 1024, d->f16 ? "f16" : "no f16",
           d->timestamps ? "timestamps" : "no timestamps");
    char verdict[128];
    venn_verdict v;
    venn_verdict_load(d, &v);
    venn_verdict_text(&v, verdict, sizeof verdict);
    printf("   examination: %s\n", verdict);
}

// ---- What venn makes of it -------------------------------------------------------------------

static void print_trait(void *user, const venn_trait *t)
{
    (void)user;
    printf("   %-24s %-18s %s\n", t->name,
           *t->value ? t->value
           : t->used ? "used"
                     : "not used",
           t->why);
}

static void add_trait(void *user, const venn_trait *t)
{
    json_array_append_new(user, json_pack("{s:s, s:b, s:s, s:s}", "name", t->name, "used", t->used,
                                          "value", t->value, "why", t->why));
}

// What the device is like once it is open; a device that does not open says why.
static void show_traits(const venn_device_info *d, json_t *object)
{
    char index[16];
    venn_device *device = NULL;
    json_t *traits = json_array();
    snprintf(index, sizeof index, "%d", d->index);
    venn_status status = venn_device_create(&device, &(venn_device_params){.select = index});
    if (status == VENN_OK)
        status = venn_device_traits(device, object ? add_trait : print_trait, traits);
    if (status < 0 && object)
        json_object_set_new(object, "why_not", json_string(venn_error_message()));
    else if (status < 0)
        printf("   does not open: %s\n", venn_error_message());
    if (object)
        json_object_set(object, "traits", traits);
    json_decref(traits);
    venn_device_destroy(&device);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    (void)argument;
    if (key == ARGP_KEY_INIT) {
        state->child_inputs[0] = state->input;
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

int cmd_devices(int argc, char **argv)
{
    static const struct argp_child children[] = {{&cli_messages_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        NULL,     parse, NULL, "List Vulkan devices in the order in which venn prefers them.",
        children, NULL,  NULL};
    cli_common common = {0};
    cli_parse(&argp, argc, argv, &common, &common);
    venn_device_info *list;
    size_t n;
    venn_status status = venn_device_list(&list, &n);
    if (status < 0)
        return cli_fail(status);
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *object = common.json ? to_json(&list[i]) : NULL;
        if (!object)
            print_text(&list[i]);
        if (list[i].usable)
            show_traits(&list[i], object);
        if (object)
            json_array_append_new(array, object);
    }
    if (common.json) {
        json_dumpf(array, stdout, JSON_INDENT(2));
        printf("\n");
    }
    json_decref(array);
    free(list);
    if (n == 0 && !common.json)
        fprintf(stderr,
                "venn: no Vulkan device: install the GPU's driver, or mesa-vulkan-drivers for "
                "software Vulkan\n");
    return n ? EXIT_OK : EXIT_DEVICE;
}
