// Passes over feature maps that arithmetic bounds, and not memory, when they are compiled for the oldest CPUs that the
// program runs on. These are compiled several times, and the dynamic linker takes the version for this CPU's vectors.

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "CVectorsTrial.h"

// One image of a channel-blocked feature map and the line that is applied to its values: value * slope + intercept, with
// two roundings. The line has a number for every channel of every block; `penalty` is zero, and minus infinity for the
// channels that pad the last block.
typedef struct {
    const float *values;
    const float *slope;
    const float *intercept;
    const float *penalty;
    long blocks;
    long channels;
    long positions;
} CVectorsImage;

// What attention reads off an image: the maximum of every channel, padding included, and the first position that has
// it; the mean and maximum at every position, and the first channel that has it. NaN is no maximum.
typedef struct {
    float *channelMaximum;
    int32_t *channelArgument;
    float *positionMean;
    float *positionMaximum;
    int32_t *positionArgument;
} CVectorsStatistics;

// Fills `statistics`, all but the arguments if they are not wanted. `lanes` are the channels in a block: 16 or 8.
void CVectors_attentionStatistics(
    const CVectorsImage *image, const CVectorsStatistics *statistics, long lanes, bool arguments);
