#include "base/windows/posix_on_windows.h"
