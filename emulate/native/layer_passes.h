// The C interface of the passes around the look-ups of a layer: floats to codes, sums of receptive fields, and
// sums to floats.
#pragma once

#include <cstdint>

#include "abi.h"

extern "C" {

// code = clamp(round(x / scale), lowest, highest) + zero, ties to even, for codes of one byte.
struct MulsmithQuantiser {
    float scale;
    float lowest, highest;  // integers, codes less `zero`
    int32_t zero;
};

// Writes the codes. Returns whether x is free of NaN and infinity.
int32_t mulsmith_quantise(const float* x, int64_t count, const MulsmithQuantiser* quantiser, uint8_t* codes,
                          int32_t threads);

// Writes whether low <= x <= high.
void mulsmith_inside(const float* x, int64_t count, float low, float high, uint8_t* inside, int32_t threads);

// Writes, per output pixel and group, the sum of (code - zero) over the receptive field, padding as 0. Of the
// problem, `lanes` are the codes, `sums` the results [images][groups][out_h][out_w]; `rows` do not matter.
// Returns 0; 3: out of memory.
int32_t mulsmith_field_sums(const MulsmithProblem* problem, int32_t codes_signed, int32_t zero, int32_t threads);

// Turns sums [images][outputs][pixels] into float32 in place: (sum + offset - factor * field) * unit, with offset,
// factor and unit [outputs] and fields [images][groups][pixels], or null for none.
void mulsmith_scale_sums(int32_t* sums, int64_t images, int64_t outputs, int64_t groups, int64_t pixels,
                         const int32_t* offset, const int32_t* factor, const int32_t* fields, const float* unit,
                         int32_t threads);
}
