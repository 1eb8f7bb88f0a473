#include "CVectors.h"

// Products are rounded before they are added, as everywhere else where batch norm's line is applied.
#pragma STDC FP_CONTRACT OFF

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__)
#define FOR_EACH_CPU __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EACH_CPU
#endif

// Positions whose sums and maxima are kept in registers while the channels go by.
enum { group = 8 };

#define LANES 16
#include "attention_statistics_of_lanes.h"
#undef LANES

#define LANES 8
#include "attention_statistics_of_lanes.h"
#undef LANES

void CVectors_attentionStatistics(
    const CVectorsImage *image, const CVectorsStatistics *statistics, long lanes, bool arguments) {
    if (lanes == 16) {
        arguments ? statistics_16_with_arguments(image, statistics) : statistics_16(image, statistics);
    } else {
        arguments ? statistics_8_with_arguments(image, statistics) : statistics_8(image, statistics);
    }
}
