#ifndef AAM_CMPI_SHIM_H
#define AAM_CMPI_SHIM_H

#include <mpi.h>
#include <stdint.h>

// Open MPI's handles are macros that cast the addresses of globals; Swift does not import them.
static inline MPI_Comm CMPI_COMM_WORLD(void) { return MPI_COMM_WORLD; }
static inline MPI_Info CMPI_INFO_NULL(void) { return MPI_INFO_NULL; }
static inline MPI_Errhandler CMPI_ERRORS_RETURN(void) { return MPI_ERRORS_RETURN; }
static inline MPI_Datatype CMPI_FLOAT(void) { return MPI_FLOAT; }
static inline MPI_Datatype CMPI_DOUBLE(void) { return MPI_DOUBLE; }
static inline MPI_Datatype CMPI_INT32(void) { return MPI_INT32_T; }
static inline MPI_Datatype CMPI_INT64(void) { return MPI_INT64_T; }
static inline MPI_Datatype CMPI_UINT8(void) { return MPI_UINT8_T; }
static inline MPI_Op CMPI_SUM(void) { return MPI_SUM; }
static inline MPI_Op CMPI_MAX(void) { return MPI_MAX; }
static inline MPI_Op CMPI_MIN(void) { return MPI_MIN; }

// A pointer made from an integer; Swift does not import such macros.
static inline void *CMPI_IN_PLACE(void) { return MPI_IN_PLACE; }
// A null pointer cast to MPI_Status *, which Swift would take for an array of statuses.
static inline MPI_Status *CMPI_STATUS_IGNORE(void) { return MPI_STATUS_IGNORE; }

// Swift's Atomic owns its memory; this flag lies in memory that processes share.
static inline int32_t CMPI_set_flag(int32_t *flag) { return __atomic_exchange_n(flag, 1, __ATOMIC_SEQ_CST); }

#endif
