// venn/venn.h: everything. See each header for its part; ARCHITECTURE.md for the whole.
#ifndef VENN_VENN_H
#define VENN_VENN_H

#include "venn/base.h"
#include "venn/device.h"
#include "venn/tensor.h"
#include "venn/graph.h"
#include "venn/ops.h"
#include "venn/data.h"
#include "venn/nn.h"
#include "venn/optim.h"
#include "venn/bench.h"
#include "venn/distill.h"
#include "venn/salience.h"
#include "venn/ranking.h"
#include "venn/tensorboard.h"
#include "venn/train.h"
#include "venn/tune.h"
#include "venn/io.h"
#include "venn/mfh.h"
#include "venn/op_run.h"

#endif
