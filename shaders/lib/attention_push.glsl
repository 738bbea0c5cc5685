// What both families of attention kernels are told (src/ops/attention_pass.c). A kernel has rows of its own,
// queries or keys, and goes over the other rows; it adds up rows z of the other side by weights made of the
// scores s = scale a.c + bias:
//   FORWARD   own queries  a q, c k, z v             weights e^(s - max), rescaled as the maximum rises
//   QUERY     own queries  a q, c k, b dy, d v, z k  weights p (b.d - delta) scale, p = e^(s - lse)
//   KEY       own keys     a k, c q, b v, d dy, z q  the same
//   VALUE     own keys     a k, c q, z dy            weights p
// A launch goes over the other rows from `begin` to `end`; with `resume` it adds to what those before have
// made. Rows of `width` are a's and c's, `width2` b's and d's, `columns` z's; lse, the logarithm of a softmax's
// sum, and delta = y.dy have a number per row.
#define ATTENTION_PUSH                                                                             \
    uint own; uint others; uint begin; uint end;                                                   \
    uint heads; uint pairs; uint interleaved; uint tiles; uint blocks;                             \
    uint width; uint width2; uint columns;                                                         \
    uint causal; uint has_mask; uint resume; float scale;                                          \
    uint has_bias; uint bias_entry; uint bias_head;
// pairs: batch entries times heads; interleaved: rows are [entry, row, head], else [entry, head, row]; tiles:
// of own rows; blocks: of columns; bias_entry, bias_head: from one to the next, in elements.

#define FORWARD 0
#define QUERY 1
#define KEY 2
#define VALUE 3
