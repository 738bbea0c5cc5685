// For tools/analyze.py: what holds of statuses everywhere, and the analyzer cannot see from another file.
#ifndef VENN_ANALYZER_CONTRACTS_H
#define VENN_ANALYZER_CONTRACTS_H

#include "base/status.h"
#include "graph/op.h"

// ---- Functions that always fail return what they are documented to ---------------------------

static inline venn_status venn_returns(venn_status ignored, venn_status status)
{
    (void)ignored;
    return status;
}

static inline bool venn_returns_false(bool ignored)
{
    (void)ignored;
    return false;
}

#define venn_fail(status, ...) venn_returns((venn_fail)(status, __VA_ARGS__), status)
#define venn_fail_in(status, ...) venn_returns((venn_fail_in)(status, __VA_ARGS__), status)
#define venn_node_error(...) venn_returns_false((venn_node_error)(__VA_ARGS__))

// ---- What is no failure is VENN_OK, not any number from 0 on ---------------------------------

#define VENN_CONTRACT_STATUS(name, value, text) _Static_assert((value) <= 0, #name);
VENN_STATUS_LIST(VENN_CONTRACT_STATUS)
#undef VENN_TRY
#define VENN_TRY(call)                                                                             \
    do {                                                                                           \
        venn_status try_status_ = (call);                                                          \
        if (try_status_ != VENN_OK)                                                                \
            return try_status_;                                                                    \
    } while (0)

#endif
