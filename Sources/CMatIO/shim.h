#ifndef AAM_CMATIO_SHIM_H
#define AAM_CMATIO_SHIM_H

#include <matio.h>

#endif
