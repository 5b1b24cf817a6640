// What every kernel looks like to the driver: it adds blocks of table look-ups to 32-bit sums.
// All arithmetic is modulo 2^32, so that a sum that fits into int32 is exact whatever happens in between.
#pragma once

#include <cstddef>
#include <cstdint>

#include "abi.h"
#include "channels.h"

// Before a loop over registers: only a loop that is unrolled early keeps its array in registers.
#define MULSMITH_UNROLL _Pragma("GCC unroll 16")

namespace mulsmith {

constexpr int64_t kCodes = 256;
// Lane planes of a factorised table at most.
constexpr int64_t kMaxLanePlanes = 12;
// Buffers end with this much slack, because whole vectors are read and written at their ends.
constexpr int64_t kSlack = 512;

// One block of work: rows [row_count] x lanes [lane_count], over k_count consecutive k.
struct Block {
    const MulsmithTable* table;
    int64_t part;             // which 16 bits of the table
    const uint8_t* tile;      // lane codes [k_count][tile_pitch]
    int64_t tile_pitch;
    const uint8_t* rows;      // row codes of this k block, [row_count][row_pitch]
    const int8_t* digits;     // digits of the row codes, [plane][row_count][digit_pitch], if the kernel wants them
    int64_t row_pitch, digit_pitch, digit_plane_pitch;
    int64_t row_count, lane_count, k_count;
    bool first;               // whether the sums are to be overwritten
    uint32_t* sums;           // the kernel's own layout, row_block * tile_pitch * sum_words words
    uint32_t* lane_sums;      // [lane_count]: sums of what belongs to lanes alone, if the kernel factorises
    void* scratch;            // scratch_bytes
};

struct Kernel {
    const char* name;
    bool (*runs)();           // whether this processor has the instructions
    bool factorised;          // uses the planes of the table instead of its words
    int64_t lanes;            // lanes per tile at most
    int64_t k_block;          // k per block at most
    int64_t row_block;        // rows per block at most
    int64_t sum_words;        // 32-bit words of `sums` per row and lane
    size_t scratch_bytes;
    void (*block)(const Block&);
    // Turns `sums` into plain [row_count][tile_pitch] in `plain`; null when they are that already.
    void (*finish)(const uint32_t* sums, int64_t row_count, int64_t lane_count, int64_t tile_pitch, uint32_t* plain);
    // Writes digits [plane][count] of row codes, `plane_pitch` apart; null when the kernel takes codes.
    void (*row_digits)(const MulsmithTable& table, const uint8_t* codes, int64_t count, int8_t* digits,
                       int64_t plane_pitch);
    // Computes a plane of a depthwise convolution; null when the kernel has no such form.
    void (*plane)(const ChannelPlane&);
    bool reads_inside;        // codes of masked lanes must be readable, so that a channel needs margins
};

extern const Kernel gather_loop;
extern const Kernel packed_gather_loop;
extern const Kernel row_table_base;
extern const Kernel row_table_avx2;
extern const Kernel row_table_avx512;
extern const Kernel byte_table_vbmi;
extern const Kernel dot_avxvnni;
extern const Kernel dot_vnni;

}  // namespace mulsmith
