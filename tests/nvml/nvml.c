// A management library of one card, 0000:0b:00.0: each reading of its energy is 1.5 J after the one before; it draws
// 40 W; its clock is 1,410 MHz.
#include <string.h>

static int card, is_up;
static unsigned long long millijoules = 7000;

int nvmlInit_v2(void)
{
    is_up = 1;
    return 0;
}

int nvmlShutdown(void)
{
    is_up = 0;
    return 0;
}

int nvmlDeviceGetHandleByPciBusId_v2(const char *pci, void **device)
{
    *device = &card;
    return is_up && strcmp(pci, "0000:0b:00.0") == 0 ? 0 : 6; // NVML_ERROR_NOT_FOUND
}

int nvmlDeviceGetTotalEnergyConsumption(void *device, unsigned long long *value)
{
    *value = millijoules += 1500;
    return device == &card ? 0 : 2; // NVML_ERROR_INVALID_ARGUMENT
}

int nvmlDeviceGetPowerUsage(void *device, unsigned *milliwatts)
{
    *milliwatts = 40000;
    return device == &card ? 0 : 2;
}

int nvmlDeviceGetClockInfo(void *device, int which, unsigned *mhz)
{
    *mhz = which == 1 ? 1410 : 9; // NVML_CLOCK_SM
    return device == &card ? 0 : 2;
}
