#ifndef AAM_CSPNG_SHIM_H
#define AAM_CSPNG_SHIM_H

#include <spng.h>

#endif
