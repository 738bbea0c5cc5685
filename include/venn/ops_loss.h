// venn/ops_loss.h: the losses (part of ops.h, whose letters and conventions hold here).
//
// A loss of rows takes them along the last axis of [.., C]: all leading extents together count the rows,
// B of them. Every row is shifted by its maximum first, so no finite logit overflows. Targets and teachers
// are constants where it is said so; elsewhere venn_stop_gradient keeps an operand out. Weights per sample
// go on reduction none: venn_sum(g, venn_mul(g, losses, weights), NULL).
#ifndef VENN_OPS_LOSS_PUBLIC_H
#define VENN_OPS_LOSS_PUBLIC_H

#include "venn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

// How a loss of rows or elements becomes one number.
typedef enum venn_reduction {
    VENN_REDUCE_MEAN, // over the rows (cross entropies) or all elements (mse)
    VENN_REDUCE_SUM,
    VENN_REDUCE_NONE // every row's or element's loss by itself
} venn_reduction;

// ---- Class targets ---------------------------------------------------------------------------

typedef struct venn_cross_entropy_params {
    venn_reduction reduction; // 0: mean over the rows, by their weights
    float label_smoothing;    // s in [0, 1]: the target becomes (1 - s) target + s / C; 0: none
    int32_t ignore_index; // rows with this label do not count; 0: all count (to leave out class 0,
                          // give it the weight 0). Not for soft targets
} venn_cross_entropy_params;

// loss[b] = log sum_k e^x[b,k] - x[b, label[b]]. x [.., C] logits with C >= 1, label i32 [..] class ids in
// [0, C); a label out of range makes its row's loss and gradient NaN. Result [], or [..] if the reduction
// is none; 0 if there are no rows. dx = (softmax(x) - onehot(label)) dy, times 1/B for the mean. params
// may be NULL.
venn_tensor venn_cross_entropy(venn_graph *g, venn_tensor x, venn_tensor label,
                               const venn_cross_entropy_params *params);

// The same with class weights w, weight [C] or VENN_NONE: loss[b] = sum_c g_c (log sum_k e^x[b,k] - x[b,c])
// with g_c = w_c ((1 - s) onehot(label[b])_c + s / C), 0 for rows that are ignored; the mean is the sum
// over the sum of w[label[b]] of the rows that count, 0 if that is 0. As PyTorch's. No gradient reaches
// weight. label VENN_NONE, for x [.., N, C]: the row at place n along the last but one axis has label n,
// as contrastive losses want it.
venn_tensor venn_weighted_cross_entropy(venn_graph *g, venn_tensor x, venn_tensor label,
                                        venn_tensor weight,
                                        const venn_cross_entropy_params *params);

// loss[b] = sum_c t[b,c] (log sum_k e^x[b,k] - x[b,c]). x, t [.., C]; t is a target distribution, used as it
// is: rows that do not sum to 1 are not renormalised. Result as of venn_cross_entropy.
// dx = (softmax(x) sum_c t - t) dy, times 1/B for the mean; no gradient reaches t.
venn_tensor venn_soft_cross_entropy(venn_graph *g, venn_tensor x, venn_tensor t,
                                    const venn_cross_entropy_params *params);

typedef struct venn_bce_with_logits_params {
    venn_reduction reduction; // 0: mean over all elements
} venn_bce_with_logits_params;

// Yes or no, for each element by itself: loss = mean, sum or elements of (1 - t) log(1 + e^x) +
// w t log(1 + e^-x), the negative log likelihood of t under sigmoid(x). x logits and t in [0, 1], hard or
// soft, of one shape; w = pos_weight[c] along the last axis, pos_weight [C], or 1 if that is VENN_NONE.
// Stable for every finite x. Result a scalar, 0 if there are no elements, or of x's shape if the reduction
// is none. dx = ((1 - t) sigmoid(x) - w t sigmoid(-x)) dloss, over the count for the mean; no gradient
// reaches t and pos_weight. As PyTorch's binary_cross_entropy_with_logits.
venn_tensor venn_bce_with_logits(venn_graph *g, venn_tensor x, venn_tensor t,
                                 venn_tensor pos_weight, const venn_bce_with_logits_params *params);

typedef struct venn_dice_params {
    float smooth;  // added above and below; 0: 0
    float epsilon; // added below; 0: 1e-7
    bool linear;   // sum p below, not p^2
} venn_dice_params;

// Overlap of a segmentation: loss = 1 - (1/C) sum_c (2 sum p t + smooth) / (sum p^2 + sum t + smooth +
// epsilon), the sums over all rows. p, t [.., C], C >= 1: probabilities and targets in [0, 1], classes along
// the last axis. Without smooth a class that is nowhere in t adds its whole 1/C; with it, less the less of
// it is in p. Result []. The squared form is that of Milletari et al., V-Net, 3DV 2016. dp = -(1/C) (2 t -
// ratio_c 2 p) / below_c dloss, 1 in place of 2 p if linear; no gradient reaches t. params may be NULL.
venn_tensor venn_dice(venn_graph *g, venn_tensor p, venn_tensor t, const venn_dice_params *params);

// ---- Element by element ----------------------------------------------------------------------

// y and t of one shape; the result is a scalar, 0 if there are no elements, or of that shape if the
// reduction is none. Below, d = y - t and a mean divides gradients by the count as well. dt = -dy.

typedef struct venn_mse_params {
    venn_reduction reduction; // 0: mean over all elements
} venn_mse_params;

// loss = mean, sum or elements of d^2. dy = 2 d dloss.
venn_tensor venn_mse(venn_graph *g, venn_tensor y, venn_tensor t, const venn_mse_params *params);

typedef struct venn_l1_params {
    venn_reduction reduction; // 0: mean over all elements
} venn_l1_params;

// loss = mean, sum or elements of |d|. dy = sign(d) dloss, 0 where d = 0.
venn_tensor venn_l1(venn_graph *g, venn_tensor y, venn_tensor t, const venn_l1_params *params);

typedef struct venn_smooth_l1_params {
    venn_reduction reduction; // 0: mean over all elements
    float beta;               // > 0, where the parabola ends; 0: 1
} venn_smooth_l1_params;

// loss = mean, sum or elements of d^2 / (2 beta) where |d| < beta, else |d| - beta / 2.
// dy = clamp(d / beta, -1, 1) dloss. As PyTorch's smooth_l1_loss.
venn_tensor venn_smooth_l1(venn_graph *g, venn_tensor y, venn_tensor t,
                           const venn_smooth_l1_params *params);

typedef struct venn_huber_params {
    venn_reduction reduction; // 0: mean over all elements
    float delta;              // > 0, where the parabola ends; 0: 1
} venn_huber_params;

// loss = mean, sum or elements of d^2 / 2 where |d| < delta, else delta (|d| - delta / 2): delta times
// smooth_l1 with beta = delta. dy = clamp(d, -delta, delta) dloss. Huber, Annals of Statistics 1964.
venn_tensor venn_huber(venn_graph *g, venn_tensor y, venn_tensor t,
                       const venn_huber_params *params);

typedef struct venn_margin_ranking_params {
    venn_reduction reduction; // 0: mean over all elements
    float margin;             // by which the greater must exceed the other; 0: 0
} venn_margin_ranking_params;

// loss = mean, sum or elements of max(0, margin - order (a - b)): a is to exceed b where order is 1, b is to
// exceed a where it is -1. a, b of one shape, order f32 of that shape or a scalar. da = -order dloss where
// the loss is above 0, db = -da; no gradient reaches order. As PyTorch's margin_ranking_loss. params may be
// NULL.
venn_tensor venn_margin_ranking(venn_graph *g, venn_tensor a, venn_tensor b, venn_tensor order,
                                const venn_margin_ranking_params *params);

// ---- Teacher and student ---------------------------------------------------------------------

// What becomes of the values of all rows and classes.
typedef enum venn_kl_reduction {
    VENN_KL_BATCHMEAN, // sum over all elements / B
    VENN_KL_MEAN,      // sum over all elements / (B C): the batch mean divided by the classes
    VENN_KL_SUM,
    VENN_KL_NONE // a value per row
} venn_kl_reduction;

typedef struct venn_kl_div_params {
    venn_kl_reduction reduction; // 0: batchmean
    float temperature;           // T > 0; 0: 1. Not used if the temperature is a tensor
    bool t_squared;              // multiply the loss by T^2
} venn_kl_div_params;

// Distillation: loss[b] = KL(p || q) = sum_c p (log p - log q) with p = softmax(teacher[b] / T),
// q = softmax(student[b] / T). student, teacher [.., C] logits, C >= 1, finite; temperature [] overrides
// params->temperature and may differ from run to run (VENN_NONE: the params' value). Result [], or [..] if
// the reduction is none; 0 if there are no rows. Near p = q the value keeps its relative accuracy.
// dstudent = (q - p) / T dy, times the reduction's factor and T^2; teacher and temperature are constants:
// no gradient reaches them. params may be NULL.
venn_tensor venn_kl_div(venn_graph *g, venn_tensor student, venn_tensor teacher,
                        venn_tensor temperature, const venn_kl_div_params *params);

// The same with the sides exchanged: loss[b] = KL(q || p) = sum_c q (log q - log p), p and q as of
// venn_kl_div, as are shapes, result and params. It seeks modes where venn_kl_div covers them (Gu et al.,
// MiniLLM, ICLR 2024). dstudent = q (log q - log p - KL(q || p)) / T dy, times the reduction's factor and
// T^2; no gradient reaches teacher and temperature.
venn_tensor venn_reverse_kl_div(venn_graph *g, venn_tensor student, venn_tensor teacher,
                                venn_tensor temperature, const venn_kl_div_params *params);

// In the next three the teacher has a gradient too, for peers that learn from each other: dteacher is
// dstudent with p and q exchanged.

// loss[b] = (KL(p || q) + KL(q || p)) / 2, otherwise as venn_kl_div (Jeffreys' divergence, halved).
// dstudent = (q - p + q (log q - log p - KL(q || p))) / (2 T) dy, times the reduction's factor and T^2.
venn_tensor venn_symmetric_kl_div(venn_graph *g, venn_tensor student, venn_tensor teacher,
                                  venn_tensor temperature, const venn_kl_div_params *params);

// loss[b] = sum_c |p - q| / 2, the total variation distance, in [0, 1]; otherwise as venn_kl_div (Wen et
// al., f-Divergence Minimization for Sequence-Level Knowledge Distillation, ACL 2023).
// dstudent = q (s - sum_c q s) / (2 T) dy with s = -1 where q < p, else 1, times the reduction's
// factor and T^2.
venn_tensor venn_tv_distance(venn_graph *g, venn_tensor student, venn_tensor teacher,
                             venn_tensor temperature, const venn_kl_div_params *params);

typedef struct venn_js_div_params {
    venn_kl_reduction reduction; // 0: batchmean
    float temperature;           // T > 0; 0: 1. Not used if the temperature is a tensor
    bool t_squared;              // multiply the loss by T^2
    float beta;                  // the teacher's share of the mixture, in (0, 1); 0: 0.5
} venn_js_div_params;

// loss[b] = beta KL(p || m) + (1 - beta) KL(q || m), m = beta p + (1 - beta) q; otherwise as venn_kl_div.
// With beta = 0.5 the Jensen-Shannon divergence (Lin, IEEE Trans. Information Theory 1991), at most log 2;
// in general Agarwal et al., GKD, ICLR 2024: loss / beta nears KL(p || q) for beta to 0, and
// loss / (1 - beta) nears KL(q || p) for beta to 1. dstudent = (1 - beta) q (log(q / m) - KL(q || m)) / T dy,
// times the reduction's factor and T^2; dteacher alike with p and beta for q and 1 - beta.
venn_tensor venn_js_div(venn_graph *g, venn_tensor student, venn_tensor teacher,
                        venn_tensor temperature, const venn_js_div_params *params);

typedef struct venn_dkd_params {
    venn_reduction reduction; // 0: mean over the rows
    float temperature;        // T > 0; 0: 1
    float alpha, beta;        // weights of the two parts, both 0: both 1
} venn_dkd_params;

// Decoupled distillation (Zhao et al., CVPR 2022): loss[b] = T^2 (alpha KL((p_y, 1 - p_y) || (q_y, 1 - q_y))
// + beta KL(p^ || q^)) with y = label[b], p = softmax(teacher[b] / T), q = softmax(student[b] / T) and p^, q^
// the same without class y. With alpha = 1 and beta = 1 - p_y it would be T^2 KL(p || q). student, teacher
// [.., C] logits, C >= 2; label i32 [..] in [0, C), else its row's loss and gradient are NaN. Result [], or [..]
// if the reduction is none; 0 if there are no rows. dstudent = T alpha (q_y - p_y) dloss at y,
// T (beta (q^ - p^) - alpha (q_y - p_y) q^) dloss elsewhere, over the rows for the mean; no gradient reaches
// teacher. params may be NULL.
venn_tensor venn_dkd(venn_graph *g, venn_tensor student, venn_tensor teacher, venn_tensor label,
                     const venn_dkd_params *params);

typedef struct venn_spearman_params {
    float strength;           // of the soft ranks, positive; 0: 1
    venn_reduction reduction; // 0: mean over the rows
} venn_spearman_params;

// loss[b] = 1 - the correlation of the soft ranks (venn_soft_rank) of x[b] and teacher[b]: 0 for equal orders, 2 for opposite
// ones, 1 if all of a row are equal. x, teacher [.., n], n from 1 to VENN_SOFT_RANK_MAX. Result [], or [..]
// if the reduction is none; 0 if there are no rows. The gradient goes through the ranks of x; none reaches
// teacher. params may be NULL.
venn_tensor venn_spearman(venn_graph *g, venn_tensor x, venn_tensor teacher,
                          const venn_spearman_params *params);

// ---- Vectors -----------------------------------------------------------------------------------

typedef struct venn_cosine_embedding_params {
    venn_reduction reduction; // 0: mean over the rows
    float margin;             // cosine up to which unlike rows cost nothing, in [-1, 1]; 0: 0
} venn_cosine_embedding_params;

// loss[b] = 1 - cos(x[b], t[b]), the cosine distance; but where alike[b] is not above 0, max(0,
// cos(x[b], t[b]) - margin). x, t [.., D], D >= 1; alike f32 [..] of 1 for rows that should agree and 0 (or
// -1, as PyTorch's cosine_embedding_loss has it) for rows that should not, VENN_NONE: all should. Result [], or
// [..] if the reduction is none; 0 if there are no rows. A row no longer than 1e-8 has no direction: its
// cosine with all others is 0 and no gradient passes.
// dx = -(t / |t| - cos x / |x|) / |x| dloss, over the rows for the mean, the other sign for unlike rows with
// cos > margin; dt alike. params may be NULL.
venn_tensor venn_cosine_embedding(venn_graph *g, venn_tensor x, venn_tensor t, venn_tensor alike,
                                  const venn_cosine_embedding_params *params);

typedef struct venn_info_nce_params {
    venn_reduction reduction; // 0: mean over the rows
    float temperature;        // T > 0; 0: 1
    bool symmetric;           // look from the keys to x too, and take the mean; not with a queue
} venn_info_nce_params;

// Contrast: x[b] is to find key[b] among others. Without a queue (VENN_NONE) these are all keys of the batch:
// loss[b] = log sum_k e^s[b,k] - s[b,b], s = x key^T / T. With a queue they are its rows, s[b,0] = x[b] . key[b]
// / T, s[b,1+k] = x[b] . queue[k] / T (He et al., MoCo, CVPR 2020; venn_enqueue keeps one), and 0 is to be
// found. x, key [B, D], B >= 1 without a queue, queue [K, D]; vectors are taken as they are, so normalise them
// first if it is to be about angles. Result [], or [B] if the reduction is none; 0 if there are no rows. The
// gradient reaches x, key and queue; venn_stop_gradient keeps it out of keys from an averaged network.
// params may be NULL.
venn_tensor venn_info_nce(venn_graph *g, venn_tensor x, venn_tensor key, venn_tensor queue,
                          const venn_info_nce_params *params);

// ---- Relations of samples ----------------------------------------------------------------------

// Park et al., Relational Knowledge Distillation, CVPR 2019: a student's samples are to lie to each other as the
// teacher's do. x [N, ..], t [N, ..], of whatever widths; samples are taken as they are, so normalise them first
// if their lengths should not count. Result [], the mean of smooth L1 (as venn_smooth_l1, beta 1) over all
// differences between what is made of x and of t; 0 if N = 0. Where two samples of x are one no gradient
// passes between them; none reaches t.

typedef struct venn_rkd_distance_params {
    bool
        whole_mean; // mu is the mean over all N^2 distances, with the zeros of i = j, as some codes have it
} venn_rkd_distance_params;

// Distances in units of their mean: |x[i] - x[j]| / mu for all i, j, mu the mean over i != j; 0 where all
// samples are one. The gradient goes through mu too. The paper's weight is 25. params may be NULL.
venn_tensor venn_rkd_distance(venn_graph *g, venn_tensor x, venn_tensor t,
                              const venn_rkd_distance_params *params);

// Angles: the cosine of the angle at i in the triangle i, j, k, for all i, j, k; 0 where i is j or k. Takes N^2
// D and N^3 numbers of memory. The paper's weight is 50.
venn_tensor venn_rkd_angle(venn_graph *g, venn_tensor x, venn_tensor t);

#ifdef __cplusplus
}
#endif
#endif
