// The methods of a configuration: one in its section `method`, or several to compare in its list `compare`.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "distill/config_internal.h"
#include "distill/method_params.h"

static const char *section_name(const venn_distill_config *c)
{
    return c->file->compare_count ? "compare:" : "method:";
}

static const char *given_value(const config_method *section, const char *key)
{
    for (uint32_t k = 0; section && venn_config_method_key(k); k++)
        if (strcmp(venn_config_method_key(k), key) == 0)
            return section->values[k];
    return NULL;
}

// ---- One method ------------------------------------------------------------------------------

static venn_status unknown_method(const char *name)
{
    char known[1024] = "";
    size_t used = 0;
    for (size_t i = 0; venn_method_at(i) && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "",
                                 venn_method_at(i)->name);
    return venn_fail(VENN_BAD_FILE, "there is no method \"%s\"; there are: %s", name, known);
}

static venn_status foreign_param(const venn_method *method, const char *key)
{
    char known[512] = "none";
    size_t used = 0;
    for (const venn_method_param *p = method->params; p->key && used < sizeof known; p++)
        used +=
            (size_t)snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", p->key);
    return venn_fail(VENN_BAD_FILE, "method %s has no parameter \"%s\"; it has: %s", method->name,
                     key, known);
}

static venn_status read_params(const venn_distill_config *c, const config_method *section,
                               config_use *use)
{
    const char *where = section_name(c);
    for (uint32_t k = 1; section && venn_config_method_key(k); k++) {
        const char *key = venn_config_method_key(k);
        if (section->values[k] && !venn_method_find_param(use->method, key))
            return venn_config_fail_at(c, where, key, foreign_param(use->method, key));
    }
    use->params = venn_alloc(1, use->method->params_size);
    if (!use->params)
        return VENN_NO_MEMORY;
    for (const venn_method_param *p = use->method->params; p->key; p++) {
        venn_status status =
            venn_method_set_param(use->method, p, given_value(section, p->key), use->params);
        if (status < 0)
            return venn_config_fail_at(c, where, p->key, status);
    }
    return VENN_OK;
}

// A method that stands several times, with other parameters, is numbered from its second time on.
static char *stage_of(const venn_distill_config *c, const venn_method *method)
{
    unsigned same = 1;
    for (unsigned i = 0; i < c->n_uses; i++)
        same += c->uses[i].method == method;
    if (c->file->compare_count == 0)
        return venn_strdup("distilled");
    return same == 1 ? venn_strdup(method->name) : venn_format("%s-%u", method->name, same);
}

static venn_status add_use(venn_distill_config *c, const config_method *section)
{
    const char *name = given_value(section, "name");
    const venn_method *method = venn_method_find(name ? name : "kd");
    if (!method)
        return venn_config_fail_at(c, section_name(c), name, unknown_method(name));
    char *stage = stage_of(c, method);
    if (!stage)
        return VENN_NO_MEMORY;
    config_use *use = &c->uses[c->n_uses++];
    *use = (config_use){.method = method, .stage = stage};
    return read_params(c, section, use);
}

// ---- All of them -----------------------------------------------------------------------------

// Only what is scored alike can stand in one table.
static venn_status check_alike(const venn_distill_config *c)
{
    const venn_method *first = c->uses[0].method;
    for (unsigned i = 1; i < c->n_uses; i++) {
        const venn_method *other = c->uses[i].method;
        const char *a = first->score ? first->score : "accuracy";
        const char *b = other->score ? other->score : "accuracy";
        if (strcmp(a, b) != 0 || first->alone != other->alone)
            return venn_config_fail_at(
                c, "compare:", other->name,
                venn_fail(VENN_BAD_FILE,
                          "%s cannot be compared with %s: it is scored by its %s%s, that one by "
                          "its %s%s",
                          other->name, first->name, b, other->alone ? " alone" : "", a,
                          first->alone ? " alone" : ""));
    }
    return VENN_OK;
}

venn_status venn_config_read_methods(venn_distill_config *c)
{
    const config_file *file = c->file;
    if (file->compare_count && file->method)
        return venn_config_fail_at(c, NULL, "compare:",
                                   venn_fail(VENN_BAD_FILE,
                                             "there are both method and compare: put the method "
                                             "into the list"));
    c->uses = venn_alloc(file->compare_count ? file->compare_count : 1, sizeof *c->uses);
    if (!c->uses)
        return VENN_NO_MEMORY;
    if (file->compare_count == 0)
        return add_use(c, file->method);
    for (unsigned i = 0; i < file->compare_count; i++)
        VENN_TRY(add_use(c, &file->compare[i]));
    return check_alike(c);
}

void venn_config_free_methods(venn_distill_config *c)
{
    for (unsigned i = 0; i < c->n_uses; i++) {
        free(c->uses[i].params);
        free(c->uses[i].stage);
    }
    free(c->uses);
    c->uses = NULL;
    c->n_uses = 0;
}

uint32_t venn_config_needs(const venn_distill_config *c)
{
    uint32_t needs = 0;
    for (unsigned i = 0; i < c->n_uses; i++)
        needs |= c->uses[i].method->needs;
    return needs;
}

const venn_method *venn_config_needing(const venn_distill_config *c, venn_method_need need)
{
    for (unsigned i = 0; i < c->n_uses; i++)
        if (c->uses[i].method->needs & (uint32_t)need)
            return c->uses[i].method;
    return NULL;
}

bool venn_config_alone(const venn_distill_config *c)
{
    return c->uses[0].method->alone;
}

const char *venn_config_score(const venn_distill_config *c, const venn_dataset *data)
{
    const char *score = c->uses[0].method->score;
    return score ? score : venn_score_name(data->score);
}

// ---- Choosing them without the file ----------------------------------------------------------

// The names, separated by commas, as sections of the file: a method that the file has keeps its values.
static venn_status make_sections(config_file *file, char *names, config_method *sections,
                                 unsigned *n)
{
    char *rest = NULL;
    for (char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        config_method *own = file->method;
        config_method *section = &sections[(*n)++];
        if (!venn_method_find(name))
            return unknown_method(name);
        if (own && strcmp(own->values[0] ? own->values[0] : "kd", name) == 0) {
            *section = *own;
            *own = (config_method){{NULL}};
        }
        if (!section->values[0] && !(section->values[0] = venn_strdup(name)))
            return VENN_NO_MEMORY;
    }
    return *n ? VENN_OK : venn_fail(VENN_BAD_ARG, "no method is named to compare");
}

static void free_section(config_method *section)
{
    for (uint32_t k = 0; section && venn_config_method_key(k); k++)
        free(section->values[k]);
}

venn_status venn_distill_config_compare(venn_distill_config *c, const char *methods)
{
    config_file *file = c->file;
    if (file->compare_count)
        return venn_fail(VENN_BAD_ARG, "%s has a list of methods to compare already", c->path);
    char *names = venn_strdup(methods);
    config_method *sections = names ? venn_alloc(strlen(names) + 1, sizeof *sections) : NULL;
    unsigned n = 0;
    venn_status status = sections ? make_sections(file, names, sections, &n) : VENN_NO_MEMORY;
    free(names);
    if (status < 0) {
        for (unsigned i = 0; i < n; i++)
            free_section(&sections[i]);
        free(sections);
        return status;
    }
    free_section(file->method);
    free(file->method);
    file->method = NULL;
    file->compare = sections;
    file->compare_count = n;
    venn_config_free_methods(c);
    return venn_config_finish(c);
}
