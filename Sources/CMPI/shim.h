#ifndef AAM_CMPI_SHIM_H
#define AAM_CMPI_SHIM_H

#include <limits.h>
#include <linux/futex.h>
#include <mpi.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// Open MPI's handles are macros that cast the addresses of globals; Swift does not import them.
static inline MPI_Comm CMPI_COMM_WORLD(void) { return MPI_COMM_WORLD; }
static inline MPI_Comm CMPI_COMM_NULL(void) { return MPI_COMM_NULL; }
static inline MPI_Request CMPI_REQUEST_NULL(void) { return MPI_REQUEST_NULL; }
static inline MPI_Info CMPI_INFO_NULL(void) { return MPI_INFO_NULL; }
static inline MPI_Errhandler CMPI_ERRORS_RETURN(void) { return MPI_ERRORS_RETURN; }
static inline MPI_Datatype CMPI_FLOAT(void) { return MPI_FLOAT; }
static inline MPI_Datatype CMPI_DOUBLE(void) { return MPI_DOUBLE; }
static inline MPI_Datatype CMPI_INT32(void) { return MPI_INT32_T; }
static inline MPI_Datatype CMPI_INT64(void) { return MPI_INT64_T; }
static inline MPI_Datatype CMPI_UINT8(void) { return MPI_UINT8_T; }
static inline MPI_Op CMPI_SUM(void) { return MPI_SUM; }

// A pointer made from an integer; Swift does not import such macros.
static inline void *CMPI_IN_PLACE(void) { return MPI_IN_PLACE; }
// A null pointer cast to MPI_Status *, which Swift would take for an array of statuses.
static inline MPI_Status *CMPI_STATUS_IGNORE(void) { return MPI_STATUS_IGNORE; }

// Swift's Atomic owns its memory; these numbers lie in memory that processes share.
static inline int32_t CMPI_load(const int32_t *number) { return __atomic_load_n(number, __ATOMIC_SEQ_CST); }
static inline void CMPI_store(int32_t *number, int32_t value) { __atomic_store_n(number, value, __ATOMIC_SEQ_CST); }
static inline int32_t CMPI_exchange(int32_t *number, int32_t value) {
  return __atomic_exchange_n(number, value, __ATOMIC_SEQ_CST);
}
// The value before.
static inline int32_t CMPI_add(int32_t *number, int32_t summand) {
  return __atomic_fetch_add(number, summand, __ATOMIC_SEQ_CST);
}

// futex(2) has no wrapper in the C library. Not the private kind: the waiters are processes.
static inline void CMPI_futex_wait(int32_t *number, int32_t expected) {
  syscall(SYS_futex, number, FUTEX_WAIT, expected, (void *)0, (void *)0, 0);
}
static inline void CMPI_futex_wake_all(int32_t *number) {
  syscall(SYS_futex, number, FUTEX_WAKE, INT_MAX, (void *)0, (void *)0, 0);
}

// The instruction that tells the processor of a waiting loop; Swift has no name for it.
static inline void CMPI_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

#endif
