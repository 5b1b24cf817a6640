// The technique of published CPU emulators, one scalar look-up per product, as a baseline for the benchmarks; it is
// never chosen for work.

#include "kernel.h"
#include "processor.h"

namespace mulsmith {
namespace {

constexpr int64_t kLanes = 256;

void block(const Block& b) {
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

}  // namespace

const Kernel gather_loop = {"gather_loop", has_base, false, kLanes, kLanes, kLanes, 1, 0, block, nullptr, nullptr,
                            nullptr, false};

}  // namespace mulsmith
