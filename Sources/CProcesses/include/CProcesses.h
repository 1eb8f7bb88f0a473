// Starting processes. Between fork and exec no Swift may run.

#pragma once

#include <sys/types.h>

// Starts a program, looked up in PATH, with nothing on standard input, and its standard output and standard error on two
// descriptors. It leads a process group of its own, and gets SIGTERM when the thread that called this ends.
// Returns its process, or a negative errno.
pid_t CProcesses_start(char *const words[], char *const environment[], int output, int errors);

// From now on processes whose parent has ended become this one's children, if they descend from it.
void CProcesses_adopt_orphans(void);
