#ifndef AAM_CTURBOJPEG_SHIM_H
#define AAM_CTURBOJPEG_SHIM_H

#include <turbojpeg.h>

#endif
