// libvenn_shaderc.so (cmake/VennShaderc.cmake): libshaderc behind one symbol.
#include "kernel/shaderc_functions.h"

#define X(name) .name = shaderc_##name,
const venn_shaderc venn_shaderc_module = {VENN_SHADERC_FUNCTIONS(X)};
#undef X
