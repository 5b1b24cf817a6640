// The C interface between Python (emulate/native_library.py mirrors these structures) and the kernels.
#pragma once

#include <cstdint>

extern "C" {

// A convolution of codes. A matrix product Y[r][l] = sum_k T(rows[r][k], lanes[k][l]) is the 1x1 convolution of
// the image [1, K, 1, L]. "Lanes" are what lies along vector registers, "rows" the stationary operand.
struct MulsmithProblem {
    const uint8_t* lanes;  // [images][channels][height][width]
    const uint8_t* rows;   // [outputs][channels / groups][kernel_h][kernel_w]
    int32_t* sums;         // [images][outputs][out_h][out_w]
    int64_t images, channels, height, width;
    int64_t outputs, kernel_h, kernel_w;
    int64_t out_h, out_w;
    int64_t stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    int64_t groups;
    int64_t pad_code;
};

// A table T(row code, lane code) of 256 x 256 entries, in the layouts that the kernels read. Arrays begin at
// multiples of 64 bytes.
struct MulsmithTable {
    // Entries minus `base`, cut into one or two parts of 16 bits: T = base + words[0] + 65536 * words[1].
    int64_t parts;
    int64_t base;
    const uint16_t* words;  // [part][row code][lane code]
    const uint8_t* bytes;   // [part][row code][low, high][lane code]
    // Exact factorisation T = row_term(row) + sum_p scale[p] * row_digit[p] * lane_digit[p]
    // + sum_q lane_factor[q] * lane_digit[q], where p < plane_count and q < lane_plane_count; plane_count = 0 says
    // that there is none. Planes of equal scale lie side by side.
    int64_t plane_count;
    int64_t lane_plane_count;
    const uint8_t* lane_digits;    // [lane plane][lane code]
    const int32_t* lane_factors;   // [lane plane]
    const int8_t* row_digits;      // [plane][row code]
    const int32_t* scales;         // [plane]
    const int32_t* row_term;       // [row code]
};

// Returns the interface's version; Python refuses a library of another one.
int32_t mulsmith_abi(void);

// Returns how many kernels this library has, and whether kernel `index` runs on this processor and its name.
int32_t mulsmith_kernel_count(void);
const char* mulsmith_kernel_name(int32_t index);
int32_t mulsmith_kernel_runs(int32_t index);

// Computes the convolution with one kernel on `threads` threads.
// Returns 0; 1: the kernel does not run here; 2: it cannot do this problem; 3: out of memory.
int32_t mulsmith_conv2d(const MulsmithProblem* problem, const MulsmithTable* table, int32_t kernel,
                        int32_t threads);
}
