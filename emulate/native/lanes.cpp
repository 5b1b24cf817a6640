#include "lanes.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "kernel.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace mulsmith {
namespace {

// Memory of this size and less is kept: fresh memory costs a page fault every few kilobytes.
constexpr size_t kKeptBytes = size_t{1} << 25;

// Returns memory that is valid until the thread's next call.
uint8_t* kept_memory(size_t bytes) {
    static thread_local std::unique_ptr<uint8_t[]> memory;
    static thread_local size_t size = 0;
    if (bytes > size || size > kKeptBytes) {
        memory.reset();
        size = 0;
        memory.reset(new uint8_t[bytes]);
        size = bytes;
    }
    return memory.get();
}

}  // namespace

LanePlanes::LanePlanes(const MulsmithProblem& problem) : problem_(problem) {
    const MulsmithProblem& p = problem_;
    auto phase_index = [this](int64_t y, int64_t x) {
        for (size_t i = 0; i < phases_.size(); ++i)
            if (phases_[i].y == y && phases_[i].x == x) return static_cast<int64_t>(i);
        phases_.push_back({y, x});
        return static_cast<int64_t>(phases_.size()) - 1;
    };
    plane_h_ = p.out_h + (p.kernel_h - 1) * p.dilation_h / p.stride_h;
    pitch_ = p.out_w + (p.kernel_w - 1) * p.dilation_w / p.stride_w;
    std::vector<int64_t> taps;
    for (int64_t ky = 0; ky < p.kernel_h; ++ky)
        for (int64_t kx = 0; kx < p.kernel_w; ++kx) {
            const int64_t y = ky * p.dilation_h, x = kx * p.dilation_w;
            const int64_t phase = phase_index(y % p.stride_h, x % p.stride_w);
            taps.push_back((phase * plane_h_ + y / p.stride_h) * pitch_ + x / p.stride_w);
        }
    channel_size_ = static_cast<int64_t>(phases_.size()) * plane_h_ * pitch_;
    for (int64_t c = 0; c < p.channels / p.groups; ++c)
        for (int64_t tap : taps) offsets_.push_back(c * channel_size_ + tap);
    whole_rows_ = pitch_ == p.out_w;

    const bool same_layout = p.stride_h == 1 && p.stride_w == 1 && p.pad_h == 0 && p.pad_w == 0;
    const int64_t size = channel_count() * channel_size_;
    data_ = p.lanes;
    if (!same_layout) {
        copy_ = kept_memory(static_cast<size_t>(size + kSlack));
        std::memset(copy_ + size, 0, static_cast<size_t>(kSlack));
        data_ = copy_;
    }
    end_ = data_ + size + (copy_ != nullptr ? kSlack : 0);
}

namespace {

// Rows are short: a call of memset or memcpy would take longer than its work.
inline void set(uint8_t* out, uint8_t code, int64_t count) {
    if (count > 16) {
        std::memset(out, code, static_cast<size_t>(count));
        return;
    }
    for (int64_t i = 0; i < count; ++i) out[i] = code;
}

template <typename Word>
inline void copy_words(uint8_t* out, const uint8_t* in, int64_t count) {
    // The last word overlaps its neighbour, so that no byte beyond is touched.
    const int64_t last = count - static_cast<int64_t>(sizeof(Word));
    for (int64_t i = 0; i < last; i += sizeof(Word)) std::memcpy(out + i, in + i, sizeof(Word));
    std::memcpy(out + last, in + last, sizeof(Word));
}

inline void copy(uint8_t* out, const uint8_t* in, int64_t count) {
    struct Word16 {
        uint64_t halves[2];
    };
    if (count >= 16) {
        copy_words<Word16>(out, in, count);
    } else if (count >= 8) {
        copy_words<uint64_t>(out, in, count);
    } else if (count >= 4) {
        copy_words<uint32_t>(out, in, count);
    } else {
        for (int64_t i = 0; i < count; ++i) out[i] = in[i];
    }
}

// Copies every second byte; up to `writable` bytes of out may be overwritten, `readable` bytes of in be read.
inline void copy_every_second(uint8_t* out, const uint8_t* in, int64_t count, [[maybe_unused]] int64_t writable,
                              [[maybe_unused]] int64_t readable) {
    int64_t q = 0;
#if defined(__SSE2__)
    const __m128i mask = _mm_set1_epi16(0xFF);
    for (; q < count && q + 8 <= writable && 2 * q + 16 <= readable; q += 8) {
        const __m128i pairs = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + 2 * q));
        _mm_storel_epi64(reinterpret_cast<__m128i*>(out + q),
                         _mm_packus_epi16(_mm_and_si128(pairs, mask), _mm_setzero_si128()));
    }
#endif
    for (; q < count; ++q) out[q] = in[2 * q];
}

}  // namespace

void LanePlanes::fill(int64_t index) const {
    const MulsmithProblem& p = problem_;
    const uint8_t* image = p.lanes + index * p.height * p.width;
    uint8_t* out = copy_ + index * channel_size_;
    const uint8_t* lanes_end = p.lanes + channel_count() * p.height * p.width;
    const auto pad = static_cast<uint8_t>(p.pad_code);
    for (const Phase& phase : phases_) {
        // Columns q with 0 <= q * stride + phase - pad < width come from the input.
        const int64_t shift = phase.x - p.pad_w;
        const int64_t begin = std::min(pitch_, shift < 0 ? (-shift + p.stride_w - 1) / p.stride_w : 0);
        const int64_t last = p.width - 1 - shift;
        const int64_t end = std::max(begin, std::min(pitch_, last < 0 ? 0 : last / p.stride_w + 1));
        for (int64_t row = 0; row < plane_h_; ++row, out += pitch_) {
            const int64_t y = row * p.stride_h + phase.y - p.pad_h;
            if (y < 0 || y >= p.height) {
                set(out, pad, pitch_);
                continue;
            }
            const uint8_t* in = image + y * p.width + shift + begin * p.stride_w;
            uint8_t* inside = out + begin;
            const int64_t count = end - begin;
            set(out, pad, begin);
            if (p.stride_w == 1) {
                copy(inside, in, count);
            } else if (p.stride_w == 2) {
                copy_every_second(inside, in, count, pitch_ - begin, lanes_end - in);
            } else {
                for (int64_t q = 0; q < count; ++q) inside[q] = in[p.stride_w * q];
            }
            set(out + end, pad, pitch_ - end);
        }
    }
}

std::vector<Segment> LanePlanes::segments(int64_t first, int64_t count) const {
    const MulsmithProblem& p = problem_;
    const int64_t pixels = p.out_h * p.out_w;
    const int64_t run = whole_rows_ ? pixels : p.out_w;
    std::vector<Segment> result;
    for (int64_t m = first; m < first + count;) {
        const int64_t image = m / pixels, pixel = m % pixels;
        const int64_t length = std::min(run - pixel % run, first + count - m);
        const int64_t position = pixel / p.out_w * pitch_ + pixel % p.out_w;
        result.push_back({image * p.channels * channel_size_ + position, image * p.outputs * pixels + pixel, length});
        m += length;
    }
    return result;
}

namespace {

// Whole words are copied; what is written too far is overwritten by the next segment.
constexpr int64_t kWord = 64;

// Copies segments of up to `Word` bytes.
template <int Word>
void copy_short(const std::vector<Segment>& segments, const uint8_t* source, uint8_t* out) {
    for (const Segment& s : segments) {
        std::memcpy(out, source + s.source, Word);
        out += s.length;
    }
}

void copy_long(const std::vector<Segment>& segments, const uint8_t* source, uint8_t* out) {
    for (const Segment& s : segments) {
        for (int64_t i = 0; i < s.length; i += kWord) std::memcpy(out + i, source + s.source + i, kWord);
        out += s.length;
    }
}

}  // namespace

void LanePlanes::pack(const std::vector<Segment>& segments, int64_t group, int64_t k, int64_t k_count,
                      uint8_t* tile, int64_t tile_pitch) const {
    const uint8_t* base = data_ + group * (problem_.channels / problem_.groups) * channel_size_;
    int64_t longest = 0, farthest = 0;
    for (const Segment& s : segments) {
        longest = std::max(longest, s.length);
        farthest = std::max(farthest, s.source + s.length);
    }
    for (int64_t j = 0; j < k_count; ++j) {
        const uint8_t* source = base + offsets_[static_cast<size_t>(k + j)];
        uint8_t* out = tile + j * tile_pitch;
        if (source + farthest + kWord > end_) {
            for (const Segment& s : segments) {
                std::memcpy(out, source + s.source, static_cast<size_t>(s.length));
                out += s.length;
            }
        } else if (longest <= 8) {
            copy_short<8>(segments, source, out);
        } else if (longest <= 16) {
            copy_short<16>(segments, source, out);
        } else if (longest <= 32) {
            copy_short<32>(segments, source, out);
        } else {
            copy_long(segments, source, out);
        }
    }
}

}  // namespace mulsmith
