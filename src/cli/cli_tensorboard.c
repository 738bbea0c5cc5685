#include <math.h>
#include <stdio.h>

#include "cli_tensorboard.h"

static void keep(cli_tensorboard *board, venn_status status)
{
    if (status == VENN_OK || board->status < 0)
        return;
    board->status = status;
    snprintf(board->message, sizeof board->message, "%s", venn_error_message());
}

static void on_start(void *user, const venn_distill_stage *stage)
{
    cli_tensorboard *board = user;
    if (board->inner.on_start)
        board->inner.on_start(board->inner.user, stage);
}

static void on_step(void *user, const venn_distill_stage *stage, const venn_step_event *event)
{
    cli_tensorboard *board = user;
    if (board->inner.on_step)
        board->inner.on_step(board->inner.user, stage, event);
}

static void put(cli_tensorboard *board, const char *tag, const venn_metrics *metrics, double value)
{
    // Without a validation split its numbers are NaN, and no curve.
    if (!isnan(value) && board->status == VENN_OK)
        keep(board, venn_events_scalar(board->events, tag, (int64_t)metrics->step, value));
}

static void on_epoch(void *user, const venn_distill_stage *stage, const venn_metrics *metrics)
{
    cli_tensorboard *board = user;
    if (board->inner.on_epoch)
        board->inner.on_epoch(board->inner.user, stage, metrics);
    if (board->status == VENN_OK && !board->events) {
        char path[4200];
        snprintf(path, sizeof path, "%s/%s%s%s-%llu", board->folder, stage->stage,
                 stage->phase ? "-" : "", stage->phase ? stage->phase : "",
                 (unsigned long long)stage->seed);
        keep(board, venn_events_create(&board->events, path));
    }
    put(board, "loss/train", metrics, metrics->loss);
    put(board, "loss/valid", metrics, metrics->valid_loss);
    put(board, "accuracy/train", metrics, metrics->train_accuracy);
    put(board, "accuracy/valid", metrics, metrics->valid_accuracy);
    put(board, "lr", metrics, metrics->lr);
    for (int i = 0; i < metrics->n_terms; i++) {
        char tag[128];
        snprintf(tag, sizeof tag, "terms/%s", metrics->terms[i].name);
        put(board, tag, metrics, metrics->terms[i].value);
    }
}

static void on_end(void *user, const venn_distill_stage *stage, const venn_fit_result *result)
{
    cli_tensorboard *board = user;
    if (board->inner.on_end)
        board->inner.on_end(board->inner.user, stage, result);
    venn_events_destroy(&board->events);
}

static bool stop(void *user)
{
    cli_tensorboard *board = user;
    return board->inner.stop && board->inner.stop(board->inner.user);
}

venn_distill_observer cli_tensorboard_observer(cli_tensorboard *board, const char *folder,
                                               const venn_distill_observer *inner)
{
    *board = (cli_tensorboard){.folder = folder, .inner = *inner};
    venn_distill_observer outer = *inner;
    outer.user = board;
    outer.on_start = on_start;
    outer.on_step = on_step;
    outer.on_epoch = on_epoch;
    outer.on_end = on_end;
    outer.stop = stop;
    return outer;
}

int cli_tensorboard_end(cli_tensorboard *board)
{
    venn_events_destroy(&board->events);
    if (board->status == VENN_OK)
        return EXIT_OK;
    fprintf(stderr, "venn: --tensorboard: %s\n", board->message);
    return cli_exit_code(board->status);
}
