#ifndef AAM_CZLIB_SHIM_H
#define AAM_CZLIB_SHIM_H

#include <zlib.h>

#endif
