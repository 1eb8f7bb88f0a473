// For one number of LANES, included once for each.

#define JOIN(a, b) a##b
#define NAME(name, lanes) JOIN(name, lanes)
#define Vector NAME(Vector, LANES)
#define Indices NAME(Indices, LANES)
#define group_of NAME(group_of_, LANES)
#define report NAME(report_, LANES)
#define run NAME(run_, LANES)

typedef float Vector __attribute__((ext_vector_type(LANES), aligned(4)));
typedef int32_t Indices __attribute__((ext_vector_type(LANES), aligned(4)));

// Writes the statistics of one position from those of its lanes. The sum is taken pairwise.
ALWAYS_INLINE void report(
    const CVectorsImage *image, const CVectorsStatistics *statistics, long position, const Vector *sums,
    const Vector *maxima, const Indices *owners, bool arguments) {
    float sum[LANES], maximum = -__builtin_inff();
    *(Vector *)sum = *sums;
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; lane++) sum[lane] += sum[lane + half];
    for (int lane = 0; lane < LANES; lane++) maximum = (*maxima)[lane] > maximum ? (*maxima)[lane] : maximum;
    statistics->positionMean[position] = sum[0] / image->channels;
    statistics->positionMaximum[position] = maximum;
    if (!arguments) return;
    int32_t first = INT32_MAX;
    for (int lane = 0; lane < LANES; lane++) {
        int32_t channel = (*maxima)[lane] == maximum ? (*owners)[lane] * LANES + lane : INT32_MAX;
        first = channel < first ? channel : first;
    }
    statistics->positionArgument[position] = first < image->channels ? first : 0;
}

// Goes through all channels of `count` positions from `start` on.
ALWAYS_INLINE void group_of(
    int count, const CVectorsImage *image, const CVectorsStatistics *statistics, long start, bool arguments) {
    Vector sums[group], maxima[group];
    Indices owners[group];
    for (int p = 0; p < count; p++) {
        sums[p] = 0;
        maxima[p] = -__builtin_inff();
        owners[p] = 0;
    }
    for (long block = 0; block < image->blocks; block++) {
        const Vector *values = (const Vector *)(image->values + (block * image->positions + start) * LANES);
        const Vector slope = ((const Vector *)image->slope)[block];
        const Vector intercept = ((const Vector *)image->intercept)[block];
        const Vector penalty = ((const Vector *)image->penalty)[block];
        const bool padded = (block + 1) * LANES > image->channels;
        Vector top = ((Vector *)statistics->channelMaximum)[block];
        Indices place = ((Indices *)statistics->channelArgument)[block];
        for (int p = 0; p < count; p++) {
            // The hardware does not foresee the jumps between planes. Not into the first-level cache, where the parts of
            // planes whose distance is a multiple of 4096 bytes push each other out.
            __builtin_prefetch(values + p + 8 * group, 0, 2);
            const Vector value = values[p] * slope + intercept;
            const Vector candidate = padded ? value + penalty : value;
            sums[p] += value;
            const Indices above = candidate > maxima[p];
            maxima[p] = above ? candidate : maxima[p];
            const Indices higher = value > top;
            top = higher ? value : top;
            if (arguments) {
                owners[p] = above ? (Indices)(int32_t)block : owners[p];
                place = higher ? (Indices)(int32_t)(start + p) : place;
            }
        }
        ((Vector *)statistics->channelMaximum)[block] = top;
        ((Indices *)statistics->channelArgument)[block] = place;
    }
    for (int p = 0; p < count; p++)
        report(image, statistics, start + p, &sums[p], &maxima[p], &owners[p], arguments);
}

ALWAYS_INLINE void run(const CVectorsImage *image, const CVectorsStatistics *statistics, bool arguments) {
    for (long block = 0; block < image->blocks; block++) {
        ((Vector *)statistics->channelMaximum)[block] = -__builtin_inff();
        ((Indices *)statistics->channelArgument)[block] = 0;
    }
    long start = 0;
    for (; start + group <= image->positions; start += group) group_of(group, image, statistics, start, arguments);
    group_of(image->positions - start, image, statistics, start, arguments);
}

FOR_EACH_CPU static void NAME(statistics_, LANES)(const CVectorsImage *image, const CVectorsStatistics *statistics) {
    run(image, statistics, false);
}

FOR_EACH_CPU static void NAME(NAME(statistics_, LANES), _with_arguments)(
    const CVectorsImage *image, const CVectorsStatistics *statistics) {
    run(image, statistics, true);
}

#undef JOIN
#undef NAME
#undef Vector
#undef Indices
#undef group_of
#undef report
#undef run
