// venn/tensorboard.h: event files that TensorBoard shows: a folder per run, a curve per tag.
#ifndef VENN_TENSORBOARD_H
#define VENN_TENSORBOARD_H

#include "venn/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// An event file that is being written.
typedef struct venn_events venn_events;

// Makes the folder, and those above it, if it is not there, and a new file in it:
// events.out.tfevents.TIME.HOST.PROCESS.NUMBER. TensorBoard shows all files of a folder as one run.
// VENN_BAD_FILE, naming the path, if it cannot be made.
venn_status venn_events_create(venn_events **out, const char *folder);
// Adds a point to the curve `tag` ("loss"), with the present time. Written out at once, so that TensorBoard
// can follow. VENN_BAD_FILE, naming the file, if it cannot be written.
venn_status venn_events_scalar(venn_events *events, const char *tag, int64_t step, double value);
// Takes the handle's address, sets it to NULL, accepts NULL.
void venn_events_destroy(venn_events **events);

#ifdef __cplusplus
}
#endif
#endif
