// Arithmetic with the instructions of one kind of CPU, to find out whether they work: a virtual machine may announce what
// it cannot run. To be called in a process of its own, which may end by a signal.

#pragma once

#include <stdbool.h>

// y[i] = a * x[i] + y[i] + i with AVX2 and FMA; false where the program is not compiled for such CPUs. `count` is a
// multiple of 16.
bool CVectors_tryAVX2(float a, const float *x, float *y, int count);

// The same with AVX-512 F, BW, DQ and VL.
bool CVectors_tryAVX512(float a, const float *x, float *y, int count);
