// A term of KL(p || q) with d = log p - log q: p d - p + q, whose sum is that of p d, and close to p = q,
// where p d cancels to nothing, a series in d.

// d - 1 + e^-d.
float kl_excess(float d)
{
    return d * d * (0.5 - d * (1.0 / 6 - d * (1.0 / 24 - d * (1.0 / 120 - d * (1.0 / 720 -
           d * (1.0 / 5040 - d * (1.0 / 40320)))))));
}

float kl_term(float p, float q, float d)
{
    return mix(p * d - p + q, p * kl_excess(d), abs(d) < 0.5);
}

vec4 kl_term(vec4 p, vec4 q, vec4 d)
{
    return vec4(kl_term(p.x, q.x, d.x), kl_term(p.y, q.y, d.y), kl_term(p.z, q.z, d.z),
                kl_term(p.w, q.w, d.w));
}
