// Count, mean and sum of squares about the mean of a set of numbers, joined from those of its parts:
// nothing large cancels, however far from zero the numbers are.
vec3 join(vec3 a, vec3 b)
{
    const float n = a.x + b.x, share = b.x / max(n, 1.0), d = b.y - a.y;
    return vec3(n, a.y + d * share, a.z + b.z + d * d * a.x * share);
}

// Four sets, one in each component.
struct moments {
    vec4 count, mean, square;
};

void join(inout moments a, moments b)
{
    const vec4 n = a.count + b.count, share = b.count / max(n, vec4(1)), d = b.mean - a.mean;
    a.mean += d * share;
    a.square += b.square + d * d * a.count * share;
    a.count = n;
}

vec3 component(moments a, uint k)
{
    return vec3(a.count[k], a.mean[k], a.square[k]);
}

vec3 join_components(moments a)
{
    return join(join(component(a, 0), component(a, 1)), join(component(a, 2), component(a, 3)));
}
