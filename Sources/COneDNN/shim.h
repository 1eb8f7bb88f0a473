#ifndef AAM_CONEDNN_SHIM_H
#define AAM_CONEDNN_SHIM_H

#include <oneapi/dnnl/dnnl.h>

#endif
