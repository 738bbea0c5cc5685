// Results as JSON text.
#include <math.h>

#include "base/json.h"
#include "base/status.h"
#include "venn/mfh.h"

// ---- Parts -----------------------------------------------------------------------------------

static json_t *stat_of(const venn_mfh_stat *s, double paper)
{
    json_t *value = json_pack("{s:o, s:o, s:o}", "mean", venn_json_real(s->mean), "std",
                              venn_json_real(s->std), "error", venn_json_real(s->error));
    if (isfinite(paper))
        venn_json_set(&value, "published", json_real(paper));
    return value;
}

static json_t *diagram(const venn_modality_diagram *d)
{
    return json_pack("{s:f, s:f, s:f}", "only_a", d->only_a, "only_b", d->only_b, "shared",
                     d->shared);
}

static void put_shares(json_t **object, const venn_modality_diagram *d)
{
    venn_json_set(object, "alpha", json_real(venn_diagram_alpha(d)));
    venn_json_set(object, "beta", json_real(venn_diagram_beta(d)));
    venn_json_set(object, "gamma", json_real(venn_diagram_gamma(d)));
    venn_json_set(object, "diagram", diagram(d));
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static venn_status print(json_t *root, char **text)
{
    *text = venn_json_text(root, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    json_decref(root);
    return *text ? VENN_OK : VENN_NO_MEMORY;
}

// ---- Sweeps ----------------------------------------------------------------------------------

static json_t *describe_point(const venn_mfh_point *p)
{
    json_t *accuracy = json_object(), *point = json_object();
    for (int m = 0; m < VENN_MFH_MODELS; m++)
        if (!isnan(p->accuracy[m].mean))
            venn_json_set(&accuracy, venn_mfh_model_name((venn_mfh_model)m),
                          stat_of(&p->accuracy[m], p->paper[m]));
    put_shares(&point, &p->diagram);
    venn_json_set(&point, "accuracy", accuracy);
    venn_json_set(&point, "gain", stat_of(&p->gain, NAN));
    if (!isnan(p->hits.mean))
        venn_json_set(&point, "shared_found", stat_of(&p->hits, NAN));
    return point;
}

venn_status venn_mfh_sweep_text(const venn_mfh_result *r, const char *command, char **text)
{
    json_t *points = json_array();
    for (size_t i = 0; i < r->n; i++)
        venn_json_append(&points, describe_point(&r->point[i]));
    json_t *root = json_pack(
        "{s:s, s:o, s:s, s:o, s:i, s:i, s:i, s:i, s:b, s:f, s:o}", "kind", "sweep", "command",
        text_or_null(command), "sweep", venn_mfh_sweep_name(r->params.sweep), "network",
        text_or_null(r->network), "seeds", (int)r->params.seeds, "steps", (int)r->params.steps,
        "train_rows", (int)r->params.train_rows, "test_rows", (int)r->params.test_rows,
        "as_published", r->params.as_published, "seconds", r->seconds, "points", points);
    return print(root, text);
}

// ---- Diagrams --------------------------------------------------------------------------------

static json_t *describe_side(const venn_mfh_estimate_side *side)
{
    json_t *shared = json_object();
    for (int e = 0; e < VENN_MFH_ESTIMATES; e++)
        venn_json_set(&shared, venn_mfh_estimate_name(e), venn_json_real(side->shared[e]));
    return json_pack(
        "{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "modality", text_or_null(side->modality),
        "network", text_or_null(side->network), "accuracy", venn_json_real(side->accuracy), "place",
        side->place, "shared", shared, "importance", venn_json_reals(side->importance, side->n),
        "information", venn_json_reals(side->information, side->n), "gaussian",
        venn_json_reals(side->gaussian, side->n), "ksg", venn_json_reals(side->ksg, side->n));
}

venn_status venn_mfh_estimate_text(const venn_mfh_estimate *e, const char *command, char **text)
{
    json_t *estimates = json_array();
    for (int k = 0; k < VENN_MFH_ESTIMATES; k++) {
        json_t *one = json_pack("{s:s}", "estimate", venn_mfh_estimate_name(k));
        put_shares(&one, &e->diagram[k]);
        venn_json_append(&estimates, one);
    }
    json_t *root =
        json_pack("{s:s, s:o, s:o, s:o, s:I, s:f, s:o, s:o, s:o}", "kind", "diagram", "command",
                  text_or_null(command), "name", text_or_null(e->name), "data",
                  text_or_null(e->data), "rows", (json_int_t)e->rows, "seconds", e->seconds,
                  "estimates", estimates, "a", describe_side(&e->a), "b", describe_side(&e->b));
    return print(root, text);
}

// ---- Comparisons -----------------------------------------------------------------------------

venn_status venn_mfh_comparison_text(const venn_mfh_comparison *c, const char *command, char **text)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < c->n; i++) {
        const venn_mfh_row *row = &c->rows[i];
        venn_json_append(&rows,
                         json_pack("{s:s, s:o, s:o, s:o}", "name", row->name, "teacher",
                                   stat_of(&row->teacher, NAN), "student",
                                   stat_of(&row->student, NAN), "gain", stat_of(&row->gain, NAN)));
    }
    json_t *root = json_pack("{s:s, s:o, s:s, s:s, s:s, s:s, s:i, s:f, s:o}", "kind", "comparison",
                             "command", text_or_null(command), "name", c->name, "about", c->about,
                             "data", c->data, "student", c->student, "seeds", (int)c->seeds,
                             "seconds", c->seconds, "rows", rows);
    return print(root, text);
}
