// The recurrences of recurrent.h in double, row by row of the batch, straight from the formulas; the
// gradient is back-propagation through time.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ops/recurrent.h"

// One row: steps 0 .. length - 1 in the order in which they are taken.
typedef struct row {
    const venn_ref *r;
    venn_recurrent kind;
    venn_recurrent_form f;
    int64_t b, length;
    double *h, *c;   // [length + 1, H]: the state and cell before each step, and the last
    double *gx, *gh; // [length, gates H]: what goes into the gates, from x and from the state
    double *gate;    // [length, gates H]: their values
    double *all;     // the memory of it all
} row;

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static int64_t time_of(const row *w, int64_t step)
{
    return w->kind.reverse ? w->length - 1 - step : step;
}

// y = bias + m x for m [rows, columns].
static void affine(const double *m, const double *x, const double *bias, int64_t rows,
                   int64_t columns, double *y)
{
    for (int64_t i = 0; i < rows; i++) {
        y[i] = bias ? bias[i] : 0;
        for (int64_t k = 0; k < columns; k++)
            y[i] += m[i * columns + k] * x[k];
    }
}

static const double *optional(const venn_ref *r, int i)
{
    return i >= 0 ? r->x[i] : NULL;
}

static const double *x_of(const row *w, int64_t step)
{
    return w->r->x[0] + (w->b * w->f.times + time_of(w, step)) * w->f.in;
}

static void gru_step(const row *w, int64_t s)
{
    const int64_t n = w->f.hidden, wide = 3 * n;
    const double *gx = w->gx + s * wide, *gh = w->gh + s * wide;
    double *r = w->gate + s * wide, *z = r + n, *fresh = z + n;
    const double *h = w->h + s * n;
    for (int64_t j = 0; j < n; j++) {
        r[j] = sigmoid(gx[j] + gh[j]);
        z[j] = sigmoid(gx[n + j] + gh[n + j]);
        fresh[j] = tanh(gx[2 * n + j] + r[j] * gh[2 * n + j]);
        w->h[(s + 1) * n + j] = (1 - z[j]) * fresh[j] + z[j] * h[j];
    }
}

static void lstm_step(const row *w, int64_t s)
{
    const int64_t n = w->f.hidden, wide = 4 * n;
    const double *gx = w->gx + s * wide, *gh = w->gh + s * wide, *c = w->c + s * n;
    double *in = w->gate + s * wide, *forget = in + n, *fresh = forget + n, *out = fresh + n;
    for (int64_t j = 0; j < n; j++) {
        in[j] = sigmoid(gx[j] + gh[j]);
        forget[j] = sigmoid(gx[n + j] + gh[n + j]);
        fresh[j] = tanh(gx[2 * n + j] + gh[2 * n + j]);
        out[j] = sigmoid(gx[3 * n + j] + gh[3 * n + j]);
        w->c[(s + 1) * n + j] = forget[j] * c[j] + in[j] * fresh[j];
        w->h[(s + 1) * n + j] = out[j] * tanh(w->c[(s + 1) * n + j]);
    }
}

static int64_t length_of(const venn_ref *r, const venn_recurrent_form *f, int64_t b)
{
    const double *lengths = optional(r, f->lengths);
    if (!lengths)
        return f->times;
    return lengths[b] < 0 ? 0 : lengths[b] > (double)f->times ? f->times : (int64_t)lengths[b];
}

// false: out of memory.
static bool run_row(row *w, const venn_ref *r, venn_recurrent kind, int64_t b)
{
    const venn_recurrent_form f = venn_recurrent_form_of(r->node, kind);
    const int64_t n = f.hidden, wide = f.gates * n, length = length_of(r, &f, b);
    *w = (row){.r = r, .kind = kind, .f = f, .b = b, .length = length};
    w->all = calloc((size_t)(2 * (length + 1) * n + 3 * length * wide) + 1, sizeof(double));
    if (!w->all)
        return false;
    w->h = w->all;
    w->c = w->h + (length + 1) * n;
    w->gx = w->c + (length + 1) * n;
    w->gh = w->gx + length * wide;
    w->gate = w->gh + length * wide;
    if (r->x[1])
        memcpy(w->h, r->x[1] + b * n, (size_t)n * sizeof(double));
    if (optional(r, f.c))
        memcpy(w->c, r->x[f.c] + b * n, (size_t)n * sizeof(double));
    for (int64_t s = 0; s < length; s++) {
        affine(r->x[f.w_ih], x_of(w, s), optional(r, f.b_ih), wide, f.in, w->gx + s * wide);
        affine(r->x[f.w_hh], w->h + s * n, optional(r, f.b_hh), wide, n, w->gh + s * wide);
        (kind.lstm ? lstm_step : gru_step)(w, s);
    }
    return true;
}

void venn_recurrent_ref(const venn_ref *r, venn_recurrent kind)
{
    const venn_recurrent_form f = venn_recurrent_form_of(r->node, kind);
    const int64_t n = f.hidden;
    const int last = !kind.cell;
    row w;
    for (int64_t b = 0; b < f.batch && run_row(&w, r, kind, b); b++) {
        for (int64_t t = 0; !kind.cell && t < f.times * n; t++)
            r->y[0][b * f.times * n + t] = 0;
        for (int64_t s = 0; !kind.cell && s < w.length; s++)
            memcpy(r->y[0] + (b * f.times + time_of(&w, s)) * n, w.h + (s + 1) * n,
                   (size_t)n * sizeof(double));
        memcpy(r->y[last] + b * n, w.h + w.length * n, (size_t)n * sizeof(double));
        if (kind.lstm)
            memcpy(r->y[last + 1] + b * n, w.c + w.length * n, (size_t)n * sizeof(double));
        free(w.all);
    }
}

// ---- Gradient --------------------------------------------------------------------------------

// From dh and dc behind step s: dgx and dgh of its gates, and into dh and dc what goes to the state and cell
// before, but for what comes through gh.
static void gru_back(const row *w, int64_t s, double *dh, double *dgx, double *dgh)
{
    const int64_t n = w->f.hidden, wide = 3 * n;
    const double *r = w->gate + s * wide, *z = r + n, *fresh = z + n, *h = w->h + s * n;
    for (int64_t j = 0; j < n; j++) {
        const double dn = dh[j] * (1 - z[j]) * (1 - fresh[j] * fresh[j]);
        dgx[j] = dgh[j] = dn * w->gh[s * wide + 2 * n + j] * r[j] * (1 - r[j]);
        dgx[n + j] = dgh[n + j] = dh[j] * (h[j] - fresh[j]) * z[j] * (1 - z[j]);
        dgx[2 * n + j] = dn;
        dgh[2 * n + j] = dn * r[j];
        dh[j] *= z[j];
    }
}

static void lstm_back(const row *w, int64_t s, double *dh, double *dc, double *dgx, double *dgh)
{
    const int64_t n = w->f.hidden, wide = 4 * n;
    const double *in = w->gate + s * wide, *forget = in + n, *fresh = forget + n, *out = fresh + n;
    for (int64_t j = 0; j < n; j++) {
        const double y = tanh(w->c[(s + 1) * n + j]);
        dc[j] += dh[j] * out[j] * (1 - y * y);
        dgx[j] = dc[j] * fresh[j] * in[j] * (1 - in[j]);
        dgx[n + j] = dc[j] * w->c[s * n + j] * forget[j] * (1 - forget[j]);
        dgx[2 * n + j] = dc[j] * in[j] * (1 - fresh[j] * fresh[j]);
        dgx[3 * n + j] = dh[j] * y * out[j] * (1 - out[j]);
        dc[j] *= forget[j];
        dh[j] = 0;
    }
    memcpy(dgh, dgx, (size_t)wide * sizeof(double));
}

// dm += d x^T, dx += m^T d, dbias += d for y = m x + bias; NULL: not wanted.
static void affine_back(const double *m, const double *x, const double *d, int64_t rows,
                        int64_t columns, double *dm, double *dx, double *dbias)
{
    for (int64_t i = 0; i < rows; i++) {
        if (dbias)
            dbias[i] += d[i];
        for (int64_t k = 0; k < columns; k++) {
            if (dm)
                dm[i * columns + k] += d[i] * x[k];
            if (dx)
                dx[k] += m[i * columns + k] * d[i];
        }
    }
}

static double *wanted(const venn_ref *r, int i)
{
    return i >= 0 ? r->dx[i] : NULL;
}

static void back_row(const row *w, double *dh, double *dc, double *dgx, double *dgh)
{
    const venn_ref *r = w->r;
    const venn_recurrent_form f = w->f;
    const int64_t n = f.hidden, wide = f.gates * n;
    const int last = !w->kind.cell;
    for (int64_t j = 0; j < n; j++) {
        dh[j] = r->dy[last] ? r->dy[last][w->b * n + j] : 0;
        dc[j] = w->kind.lstm && r->dy[last + 1] ? r->dy[last + 1][w->b * n + j] : 0;
    }
    for (int64_t s = w->length - 1; s >= 0; s--) {
        const int64_t at = w->b * f.times + time_of(w, s);
        for (int64_t j = 0; !w->kind.cell && r->dy[0] && j < n; j++)
            dh[j] += r->dy[0][at * n + j];
        if (w->kind.lstm)
            lstm_back(w, s, dh, dc, dgx, dgh);
        else
            gru_back(w, s, dh, dgx, dgh);
        affine_back(r->x[f.w_ih], x_of(w, s), dgx, wide, f.in, r->dx[f.w_ih],
                    r->dx[0] ? r->dx[0] + at * f.in : NULL, wanted(r, f.b_ih));
        affine_back(r->x[f.w_hh], w->h + s * n, dgh, wide, n, r->dx[f.w_hh], dh, wanted(r, f.b_hh));
    }
    if (r->dx[1])
        memcpy(r->dx[1] + w->b * n, dh, (size_t)n * sizeof(double));
    if (wanted(r, f.c))
        memcpy(r->dx[f.c] + w->b * n, dc, (size_t)n * sizeof(double));
}

void venn_recurrent_ref_grad(const venn_ref *r, venn_recurrent kind)
{
    const venn_recurrent_form f = venn_recurrent_form_of(r->node, kind);
    const int64_t n = f.hidden;
    double *d = calloc((size_t)((2 + 2 * f.gates) * n) + 1, sizeof(double));
    row w;
    for (int64_t b = 0; d && b < f.batch && run_row(&w, r, kind, b); b++) {
        back_row(&w, d, d + n, d + 2 * n, d + (2 + f.gates) * n);
        free(w.all);
    }
    free(d);
}
