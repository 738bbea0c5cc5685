#include <math.h>
#include <string.h>

#include "bench/compare.h"

bool venn_compared_ok(const venn_compared_row *row)
{
    return row && strcmp(row->status, "ok") == 0 && row->median > 0;
}

int venn_compared_best(const venn_comparison *c, const venn_compared_work *work)
{
    int best = -1;
    for (size_t s = 0; s < c->n_systems; s++)
        if (venn_compared_ok(work->row[s]) &&
            (best < 0 || work->row[s]->median < work->row[best]->median))
            best = (int)s;
    return best;
}

bool venn_compared_ties_best(const venn_comparison *c, const venn_compared_work *work, size_t s)
{
    const int best = venn_compared_best(c, work);
    return best >= 0 && venn_compared_ok(work->row[s]) &&
           work->row[s]->low <= work->row[best]->high;
}

double venn_compared_portability(const venn_comparison *c, const venn_compared_work *work)
{
    double sum = 0;
    for (size_t s = 0; s < c->n_systems; s++) {
        const venn_compared_row *row = work->row[s];
        if (!row)
            return NAN; // nobody tried
        if (!venn_compared_ok(row))
            return 0;
        if (!(row->share > 0))
            return NAN;
        sum += 1 / row->share;
    }
    return (double)c->n_systems / sum;
}

double venn_comparison_portability(const venn_comparison *c)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < c->n_works; i++) {
        const double score = venn_compared_portability(c, &c->works[i]);
        if (isnan(score))
            continue;
        sum += score;
        n++;
    }
    return n ? sum / (double)n : NAN;
}

double venn_comparison_speed(const venn_comparison *c, size_t a, size_t b)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < c->n_works; i++) {
        const venn_compared_row *x = c->works[i].row[a], *y = c->works[i].row[b];
        if (!venn_compared_ok(x) || !venn_compared_ok(y))
            continue;
        sum += log(y->median / x->median);
        n++;
    }
    return n ? exp(sum / (double)n) : NAN;
}
