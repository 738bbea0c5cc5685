# volk fills global function pointers named as the Vulkan functions are. A program that links libvenn
# and calls Vulkan itself would then bind its vkCreateInstance to a pointer of ours, so inside venn all
# names of volk.h get the prefix venn_: volk includes this header in place of vulkan.h.
set(VENN_VOLK_DIR ${PROJECT_BINARY_DIR}/volk)
file(READ ${VENN_VOLK_INCLUDE_DIR}/volk.h volk)
string(REGEX MATCHALL " (vk|volk)[A-Z][A-Za-z0-9]+" names "${volk}")
list(REMOVE_DUPLICATES names)
string(REGEX REPLACE " (vk|volk)([A-Za-z0-9]+);?" "#define \\1\\2 venn_\\1\\2\n" lines "${names}")
file(CONFIGURE OUTPUT ${VENN_VOLK_DIR}/volk_vulkan.h CONTENT
    "// Made by cmake/VennVolk.cmake.\n#include <vulkan/vulkan.h>\n${lines}" @ONLY)
