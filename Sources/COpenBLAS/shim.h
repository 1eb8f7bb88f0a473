#ifndef AAM_COPENBLAS_SHIM_H
#define AAM_COPENBLAS_SHIM_H

#include <cblas.h>

#endif
