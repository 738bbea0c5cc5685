// AddressSanitizer builds only: drivers and layers stay loaded to the end of the process, so that a leak
// report can name the module of its frames and tests/lsan.supp can tell a driver's leak from ours.
#ifdef __SANITIZE_ADDRESS__
#include <dlfcn.h>

int dlclose(void *module)
{
    (void)module;
    return 0;
}
#else
typedef int keep_modules_is_not_needed;
#endif
