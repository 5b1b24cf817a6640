// The lane operand of a convolution as padded planes, and the packing of its codes into tiles.
#pragma once

#include <cstdint>
#include <vector>

#include "abi.h"

namespace mulsmith {

// A run of output pixels that lie side by side, both in the padded planes and in the output.
struct Segment {
    int64_t source;  // of the first pixel: image and position in a plane, before channel and tap are added
    int64_t sums;    // of the first pixel: image and position in the output, before the row is added
    int64_t length;
};

// Padded copy of the input: [image][channel][phase][plane_h][pitch]. A phase holds every stride-th pixel, so
// that neighbouring outputs read neighbouring codes whatever the stride; padding is the pad code itself.
class LanePlanes {
  public:
    // Lays the planes out; `fill` copies. The input is used in place where it has the layout already.
    // The copy lies in memory that the calling thread keeps for its next call.
    explicit LanePlanes(const MulsmithProblem& problem);
    LanePlanes(const LanePlanes&) = delete;
    LanePlanes& operator=(const LanePlanes&) = delete;

    bool in_place() const { return copy_ == nullptr; }
    int64_t channel_count() const { return problem_.images * problem_.channels; }
    // Copies one channel of one image, index = image * channels + channel.
    void fill(int64_t index) const;

    // The output pixels [first, first + count) of all images as segments.
    std::vector<Segment> segments(int64_t first, int64_t count) const;
    // Packs k_count taps from tap k of a group into tile [k_count][tile_pitch].
    void pack(const std::vector<Segment>& segments, int64_t group, int64_t k, int64_t k_count, uint8_t* tile,
              int64_t tile_pitch) const;

  private:
    struct Phase {
        int64_t y, x;
    };
    const MulsmithProblem& problem_;
    std::vector<Phase> phases_;
    // Where tap k of a group, in the order of the row codes, begins relative to the group's first channel.
    std::vector<int64_t> offsets_;
    int64_t plane_h_, pitch_, channel_size_;
    bool whole_rows_;  // no gap between output rows: a whole image is one segment
    uint8_t* copy_ = nullptr;
    const uint8_t* data_;
    const uint8_t* end_;
};

}  // namespace mulsmith
