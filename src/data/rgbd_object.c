#include "data/rgbd_object.h"

#include <math.h>

static double between(venn_rng *rng, double low, double high)
{
    return low + (high - low) * (double)venn_rng_uniform(rng, 0, 1);
}

void venn_rgbd_draw_texture(rgbd_texture *texture, venn_rng *rng)
{
    const double pi = acos(-1.0);
    for (int c = 0; c < 3; c++) {
        texture->colour[c] = between(rng, 0.3, 0.7);
        for (int k = 0; k < RGBD_WAVES; k++)
            texture->share[c][k] = between(rng, -0.12, 0.12);
    }
    for (int k = 0; k < RGBD_WAVES; k++) {
        const double angle = between(rng, 0, pi), frequency = between(rng, 0.4, 1.2);
        texture->wave[k][0] = frequency * cos(angle);
        texture->wave[k][1] = frequency * sin(angle);
        texture->phase[k] = between(rng, 0, 2 * pi);
    }
}

void venn_rgbd_clear(rgbd_picture *p)
{
    const int pixels = p->height * p->width;
    for (int i = 0; i < pixels; i++) {
        p->rgb[i] = p->rgb[pixels + i] = p->rgb[2 * pixels + i] = 0.5f;
        p->depth[i] = 0.3f - 0.2f * (float)(i / p->width) / (float)p->height;
    }
}

double venn_rgbd_distance(const rgbd_object *o, double x, double y)
{
    const double u = (x - o->x) / o->radius, v = (y - o->y) / o->radius;
    return o->box ? pow(pow(u, 6) + pow(v, 6), 1.0 / 6) : hypot(u, v);
}

static double colour_at(const rgbd_texture *t, int channel, double u, double v)
{
    const double turn = 2 * acos(-1.0);
    double sum = t->colour[channel];
    for (int k = 0; k < RGBD_WAVES; k++)
        sum += t->share[channel][k] *
               sin(turn * (t->wave[k][0] * u + t->wave[k][1] * v) + t->phase[k]);
    return sum;
}

void venn_rgbd_draw(rgbd_picture *p, const rgbd_object *o, float mark, float *marks)
{
    const int pixels = p->height * p->width;
    for (int i = 0; i < pixels; i++) {
        const double x = i % p->width, y = i / p->width, r = venn_rgbd_distance(o, x, y);
        if (r >= 1)
            continue;
        const double bulge = sqrt(1 - r * r);
        for (int c = 0; c < 3; c++)
            p->rgb[c * pixels + i] =
                (float)colour_at(o->texture, c, (x - o->x) / o->radius, (y - o->y) / o->radius);
        p->depth[i] = (float)(0.4 + 0.3 * (o->hollow ? 1 - bulge : bulge));
        if (marks)
            marks[i] = mark;
    }
}

void venn_rgbd_add_noise(rgbd_picture *p, double rgb, double depth, venn_rng *rng)
{
    const int pixels = p->height * p->width;
    for (int i = 0; i < 3 * pixels; i++)
        p->rgb[i] += (float)(rgb * (double)venn_rng_normal(rng));
    for (int i = 0; i < pixels; i++)
        p->depth[i] += (float)(depth * (double)venn_rng_normal(rng));
}
