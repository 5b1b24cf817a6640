// Depthwise convolutions: where the taps of a channel find their codes, the same for every channel of a call.
//
// The output pixels of a channel are lanes, `pitch` per row, and a row of codes is as long; so a vector of lanes
// finds its codes for one tap side by side. A stride needs the codes sorted into phases: phase (y, x) holds every
// stride-th row and column from (y, x). Masks tell codes from padding.
#pragma once

#include <cstdint>
#include <vector>

#include "abi.h"

namespace mulsmith {

// Sums of so many bytes fit into 16 bits.
constexpr int64_t kMaxTaps = 256;

struct ChannelLayout {
    explicit ChannelLayout(const MulsmithProblem& problem);

    // Whether a channel of the input has the layout already.
    bool sorted() const { return problem.stride_h * problem.stride_w == 1 && pitch == problem.width; }
    // Bytes for the phases of one channel and, around them, for what masked lanes read.
    int64_t sorted_bytes() const { return 2 * margin + problem.stride_h * problem.stride_w * phase_bytes; }
    // Sorts one channel; `out` is where its phases begin.
    void sort(const uint8_t* channel, uint8_t* out) const;

    const MulsmithProblem& problem;
    int64_t pitch;
    int64_t lanes;                 // of one channel
    int64_t phase_bytes;           // from one phase to the next
    int64_t margin;                // how far whole vectors of lanes read beyond the phases
    std::vector<int64_t> offsets;  // [tap], where lane 0 finds its code
    std::vector<uint64_t> masks;   // [lanes / 64][tap], bit by lane: a code, or padding
};

// One output plane: the codes of one channel of one image against the codes of one row.
struct ChannelPlane {
    const ChannelLayout* layout;
    const MulsmithTable* table;
    int64_t part;              // which 16 bits of the table; sums of the second are added
    const uint8_t* codes;      // the channel, or its phases
    const uint8_t* rows;       // [tap] codes
    uint32_t constant;         // added to every sum
    uint32_t* sums;            // [lanes]
};

}  // namespace mulsmith
