// Collaborative learning: what each part of the loss does to peers that are compared with those without it.
#include <criterion/criterion.h>

#include "method_bed.h"

#define SMALL "limit: 1000", "limit: 500", "seeds: 3", "seeds: 1", "epochs: 15", "epochs: 4"
#define WEIGHTS "  alpha: 1\n  beta: 1\n"

// Without the other and the earlier self it is training from the labels, to the bit: the peer changes nothing.
Test(method_ctsl_mkt, labels_alone_are_plain_training)
{
    json_t *summary =
        method_run("ctsl-mkt", SMALL, WEIGHTS, "  alpha: 1\n  beta: 0\n  gamma: 0\n", NULL);
    cr_expect_eq(method_score(summary, "distilled"), method_score(summary, "student"));
    cr_expect_gt(method_measure(summary, "peer_accuracy"), 60);
    json_decref(summary);
}

// What a network has said when it was trained alone teaches it anew without any label.
Test(method_ctsl_mkt, an_earlier_self_teaches)
{
    json_t *summary =
        method_run("ctsl-mkt", SMALL, WEIGHTS,
                   "  alpha: 0\n  beta: 0\n  temperature: 4\n  t_squared: true\n", NULL);
    const double self = method_measure(summary, "self_accuracy");
    cr_log_info("%.1f, earlier %.1f", method_score(summary, "distilled"), self);
    cr_expect_gt(self, 60);
    cr_expect_gt(method_score(summary, "distilled"), 65);
    json_decref(summary);
}

// Peers that follow each other's answers and relations come to agree.
Test(method_ctsl_mkt, peers_agree)
{
    json_t *apart =
        method_run("ctsl-mkt", SMALL, WEIGHTS, "  alpha: 1\n  beta: 0\n  gamma: 0\n", NULL);
    json_t *together =
        method_run("ctsl-mkt", SMALL, WEIGHTS, "  alpha: 1\n  beta: 1\n  gamma: 0\n", NULL);
    cr_log_info("agreement %.1f, apart %.1f", method_measure(together, "agreement"),
                method_measure(apart, "agreement"));
    cr_expect_geq(method_measure(together, "agreement"), method_measure(apart, "agreement") + 1.5);
    json_decref(apart);
    json_decref(together);
}
