// Baselines for the benchmarks, one scalar look-up per product; they are never chosen for work.

#include "kernel.h"
#include "processor.h"

namespace mulsmith {
namespace {

constexpr int64_t kLanes = 256;

// The technique of published CPU emulators: for every output, for every k, sum += table[code of the row][of the lane].
void block(const Block& b) {
    const uint16_t* words = b.table->words + b.part * kCodes * kCodes;
    uint8_t column[kLanes];
    for (int64_t m = 0; m < b.lane_count; ++m) {
        for (int64_t k = 0; k < b.k_count; ++k) column[k] = b.tile[k * b.tile_pitch + m];
        for (int64_t row = 0; row < b.row_count; ++row) {
            const uint8_t* codes = b.rows + row * b.row_pitch;
            uint32_t sum = 0;
            for (int64_t k = 0; k < b.k_count; ++k) sum += words[kCodes * codes[k] + column[k]];
            uint32_t& to = b.sums[row * b.tile_pitch + m];
            to = b.first ? sum : to + sum;
        }
    }
}

// A stronger one: a weight's 256 entries stay in the first-level cache while 256 packed pixels go through them.
void packed_block(const Block& b) {
    const uint16_t* words = b.table->words + b.part * kCodes * kCodes;
    for (int64_t row = 0; row < b.row_count; ++row) {
        uint32_t* sums = b.sums + row * b.tile_pitch;
        if (b.first)
            for (int64_t m = 0; m < b.lane_count; ++m) sums[m] = 0;
        for (int64_t k = 0; k < b.k_count; ++k) {
            const uint16_t* entries = words + kCodes * b.rows[row * b.row_pitch + k];
            const uint8_t* codes = b.tile + k * b.tile_pitch;
            for (int64_t m = 0; m < b.lane_count; ++m) sums[m] += entries[codes[m]];
        }
    }
}

constexpr Kernel baseline(const char* name, void (*block)(const Block&)) {
    return Kernel{name, has_base, false, kLanes, kLanes, kLanes, 1, 0, block, nullptr, nullptr, nullptr, false};
}

}  // namespace

const Kernel gather_loop = baseline("gather_loop", block);
const Kernel packed_gather_loop = baseline("packed_gather_loop", packed_block);

}  // namespace mulsmith
