#include "channels.h"

#include <algorithm>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace mulsmith {
namespace {

int64_t divide_up(int64_t value, int64_t by) { return value >= 0 ? (value + by - 1) / by : -(-value / by); }

// Outputs [first, end) whose code `stride * output + shift` lies in 0 .. size - 1.
struct Range {
    Range(int64_t stride, int64_t shift, int64_t size, int64_t outputs)
        : first(std::max<int64_t>(0, divide_up(-shift, stride))),
          end(std::min(outputs, divide_up(size - shift, stride))) {}
    int64_t first, end;
};

void set_bits(uint64_t* masks, int64_t taps, int64_t first, int64_t end) {
    while (first < end) {
        const int64_t bit = first % 64, count = std::min(64 - bit, end - first);
        masks[first / 64 * taps] |= (~uint64_t{0} >> (64 - count)) << bit;
        first += count;
    }
}

// Deals `count` bytes to two rows in turn. Both are written in whole vectors, and up to 32 bytes of `in` are read
// at once.
void deal(const uint8_t* in, int64_t count, uint8_t* even, uint8_t* odd) {
    int64_t i = 0;
#if defined(__SSE2__)
    const __m128i low = _mm_set1_epi16(0xFF);
    for (; i + 32 <= count; i += 32, even += 16, odd += 16) {
        const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i));
        const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i + 16));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(even),
                         _mm_packus_epi16(_mm_and_si128(a, low), _mm_and_si128(b, low)));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(odd),
                         _mm_packus_epi16(_mm_srli_epi16(a, 8), _mm_srli_epi16(b, 8)));
    }
#endif
    for (; i + 2 <= count; i += 2) {
        *even++ = in[i];
        *odd++ = in[i + 1];
    }
    if (i < count) *even = in[i];
}

}  // namespace

ChannelLayout::ChannelLayout(const MulsmithProblem& p)
    : problem(p), pitch(std::max(p.out_w, divide_up(p.width, p.stride_w))), lanes((p.out_h - 1) * pitch + p.out_w) {
    const int64_t taps = p.kernel_h * p.kernel_w;
    phase_bytes = divide_up(p.height, p.stride_h) * pitch;
    margin = 0;
    masks.assign(static_cast<size_t>(divide_up(lanes, 64) * taps), 0);
    for (int64_t tap = 0; tap < taps; ++tap) {
        const int64_t shift_y = tap / p.kernel_w * p.dilation_h - p.pad_h;
        const int64_t shift_x = tap % p.kernel_w * p.dilation_w - p.pad_w;
        const int64_t up = -divide_up(-shift_y, p.stride_h), left = -divide_up(-shift_x, p.stride_w);
        const int64_t phase = (shift_y - up * p.stride_h) * p.stride_w + shift_x - left * p.stride_w;
        const int64_t begin = up * pitch + left;
        offsets.push_back(phase * phase_bytes + begin);
        margin = std::max({margin, -begin, begin + divide_up(lanes, 64) * 64 - phase_bytes});
        const Range y(p.stride_h, shift_y, p.height, p.out_h), x(p.stride_w, shift_x, p.width, p.out_w);
        for (int64_t row = y.first; row < y.end; ++row)
            set_bits(masks.data() + tap, taps, row * pitch + x.first, row * pitch + x.end);
    }
}

void ChannelLayout::sort(const uint8_t* channel, uint8_t* out) const {
    const MulsmithProblem& p = problem;
    for (int64_t y = 0; y < p.height; ++y) {
        const uint8_t* in = channel + y * p.width;
        uint8_t* row = out + y % p.stride_h * p.stride_w * phase_bytes + y / p.stride_h * pitch;
        if (p.stride_w == 1) {
            std::memcpy(row, in, static_cast<size_t>(p.width));
        } else if (p.stride_w == 2) {
            deal(in, p.width, row, row + phase_bytes);
        } else {
            for (int64_t x = 0; x < p.width; ++x) row[x % p.stride_w * phase_bytes + x / p.stride_w] = in[x];
        }
    }
}

}  // namespace mulsmith
