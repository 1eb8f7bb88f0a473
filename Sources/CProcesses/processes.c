#define _GNU_SOURCE
#include "CProcesses.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void become(char *const words[], char *const environment[], int output, int errors, pid_t parent) {
    setpgid(0, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    // It may have ended before that.
    if (getppid() != parent) _exit(127);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0) return;
    if (dup2(output, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0) return;
    execvpe(words[0], words, environment);
}

pid_t CProcesses_start(char *const words[], char *const environment[], int output, int errors) {
    // Closed by a successful exec; carries errno otherwise.
    int failure[2];
    if (pipe2(failure, O_CLOEXEC)) return -errno;
    pid_t parent = getpid(), child = fork();
    int error = child < 0 ? errno : 0;
    if (child == 0) {
        become(words, environment, output, errors, parent);
        error = errno;
        if (write(failure[1], &error, sizeof error) < 0) _exit(126);
        _exit(127);
    }
    close(failure[1]);
    while (child > 0 && read(failure[0], &error, sizeof error) < 0 && errno == EINTR) continue;
    if (child > 0 && error) waitpid(child, 0, 0);
    close(failure[0]);
    return error ? -error : child;
}

void CProcesses_adopt_orphans(void) { prctl(PR_SET_CHILD_SUBREAPER, 1); }
