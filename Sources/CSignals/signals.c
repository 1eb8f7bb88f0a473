#include "CSignals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// A launcher and a shell may both pass one signal on; what follows within half a second is taken for the same.
static const long long echo_nanoseconds = 500000000;

static atomic_int output = -1;
static atomic_int first_signal;
static atomic_llong first_time;

struct report {
    int descriptor;
    char before[3072];
    char after[3072];
    char again[1024];
};

// Two, so that a handler reads one that nobody writes.
static struct report reports[2];
static _Atomic(struct report *) report;

static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT};
enum { fault_count = sizeof faults / sizeof *faults };
static struct sigaction actions_before[fault_count];
static atomic_int has_reported;

static long long nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void write_report(int signal) {
    struct report *current = atomic_load(&report);
    if (!current || atomic_exchange(&has_reported, 1)) return;
    char text[sizeof current->before + sizeof current->after + 2];
    size_t length = strlen(current->before);
    memcpy(text, current->before, length);
    if (signal >= 10) text[length++] = '0' + signal / 10;
    text[length++] = '0' + signal % 10;
    size_t rest = strlen(current->after);
    memcpy(text + length, current->after, rest);
    // A report that cannot be written has nowhere else to go.
    if (write(current->descriptor, text, length + rest) < 0) return;
}

// A user who has asked twice is told where the run stands; another rank is told of the end.
static void end_at_once(int signal) {
    struct report *current = atomic_load(&report);
    if (current && current->descriptor != STDERR_FILENO) write_report(signal);
    atomic_store(&has_reported, 1);
    ssize_t written = current ? write(STDERR_FILENO, current->again, strlen(current->again)) : 0;
    (void)written;
    _exit(128 + signal);
}

static void caught(int signal) {
    int error = errno;
    if (signal != SIGUSR2) {
        long long none = 0, now = nanoseconds();
        if (atomic_compare_exchange_strong(&first_time, &none, now)) {
            atomic_store(&first_signal, signal);
        } else if (now - atomic_load(&first_time) > echo_nanoseconds) {
            end_at_once(signal);
        }
    }
    unsigned char byte = signal;
    // The pipe is full only of signals that nobody has looked at yet.
    if (write(atomic_load(&output), &byte, 1) < 0) errno = error;
    errno = error;
}

static void fault(int signal, siginfo_t *info, void *context) {
    (void)context;
    int error = errno;
    write_report(signal);
    for (int i = 0; i < fault_count; i++) {
        if (faults[i] == signal) sigaction(signal, &actions_before[i], 0);
    }
    // What was there before meets the signal next: from the instruction that fails, or from whoever sent it.
    if (info->si_code <= 0) raise(signal);
    errno = error;
}

void CSignals_catch(int descriptor) {
    atomic_store(&output, descriptor);
    struct sigaction action = {.sa_handler = caught, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    const int signals[] = {SIGINT, SIGTERM, SIGUSR1, SIGUSR2};
    for (int i = 0; i < 4; i++) sigaction(signals[i], &action, 0);
}

int CSignals_first(void) { return atomic_load(&first_signal); }

double CSignals_seconds_since_first(void) { return (nanoseconds() - atomic_load(&first_time)) * 1e-9; }

int CSignals_is_ending(void) { return atomic_load(&has_reported); }

void CSignals_report_end(int descriptor, const char *before, const char *after, const char *again) {
    struct report *old = atomic_load(&report);
    struct report *next = old == &reports[0] ? &reports[1] : &reports[0];
    next->descriptor = descriptor;
    strncpy(next->before, before, sizeof next->before - 1);
    strncpy(next->after, after, sizeof next->after - 1);
    strncpy(next->again, again, sizeof next->again - 1);
    atomic_store(&report, next);
    if (old) return;
    // On the stack that the runtime has for faults, as the thread's own may be what has overflowed.
    struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_ONSTACK | SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < fault_count; i++) sigaction(faults[i], &action, &actions_before[i]);
}
