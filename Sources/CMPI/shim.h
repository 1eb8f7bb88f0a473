#ifndef AAM_CMPI_SHIM_H
#define AAM_CMPI_SHIM_H

#include <mpi.h>

// Open MPI's handles are macros that cast the addresses of globals; Swift does not import them.
static inline MPI_Comm CMPI_COMM_WORLD(void) { return MPI_COMM_WORLD; }

#endif
