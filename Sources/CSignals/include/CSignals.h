// Signal handlers. They may interrupt any thread anywhere, so they may neither take locks nor memory, which Swift code
// cannot promise.

#pragma once

// From now on SIGINT, SIGTERM, SIGUSR1 and SIGUSR2 write their number as a byte to the descriptor. A second one of the first
// three ends the process at once, with 128 plus its number.
void CSignals_catch(int descriptor);

// The first SIGINT, SIGTERM or SIGUSR1 that was caught; 0 if there was none.
int CSignals_first(void);

// Seconds since it was.
double CSignals_seconds_since_first(void);

// A fault writes `before`, the signal's number and `after` to the descriptor, and what was there before goes on: a
// backtrace, and the end. A second signal writes `again` to standard error, and the others to a descriptor that is not
// that. The texts are copied; those set last count.
void CSignals_report_end(int descriptor, const char *before, const char *after, const char *again);

// Whether that has happened, so that other threads leave the rest to it.
int CSignals_is_ending(void);
