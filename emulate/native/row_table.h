// Row-table kernel, for any instruction set with vectors of kVectorBytes: for every k a table of whole rows,
// T_k[lane code][row] = T(row code, lane code), is built once; then every lane adds the row its code selects. One
// vector load gives a vector of products, and the cost does not depend on the multiplier.
//
// A 32-bit element holds the 16-bit entries of two rows, low and high. Two sums are kept, of the elements and of
// their upper halves: modulo 2^32 they determine both rows' sums, so nothing has to be flushed.
#pragma once

#include <algorithm>
#include <cstring>

#include "kernel.h"

#if defined(__AVX512BW__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace mulsmith {
// Internal linkage: every object is compiled for its own instructions and must not share code with the others.
namespace {
namespace row_table {

constexpr int64_t kLanes = 4096;
constexpr int64_t kDepth = 8;  // tables of 8 k at once stay in the second-level cache
constexpr int64_t kRows = 64;

template <int Bytes>
struct VectorOf {
    typedef uint32_t type __attribute__((vector_size(Bytes), aligned(Bytes), may_alias));
};

// Transposes 8 x 8 entries: out[i * pitch + j] = in[j][i].
inline void transpose8(const uint16_t* const* in, int64_t at, uint16_t* out, int64_t pitch) {
#if defined(__SSE2__)
    __m128i r[8], t[8];
    MULSMITH_UNROLL
    for (int j = 0; j < 8; ++j) r[j] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in[j] + at));
    MULSMITH_UNROLL
    for (int j = 0; j < 4; ++j) {
        t[j] = _mm_unpacklo_epi16(r[2 * j], r[2 * j + 1]);
        t[4 + j] = _mm_unpackhi_epi16(r[2 * j], r[2 * j + 1]);
    }
    MULSMITH_UNROLL
    for (int h = 0; h < 2; ++h) {
        r[4 * h] = _mm_unpacklo_epi32(t[4 * h], t[4 * h + 1]);
        r[4 * h + 1] = _mm_unpackhi_epi32(t[4 * h], t[4 * h + 1]);
        r[4 * h + 2] = _mm_unpacklo_epi32(t[4 * h + 2], t[4 * h + 3]);
        r[4 * h + 3] = _mm_unpackhi_epi32(t[4 * h + 2], t[4 * h + 3]);
    }
    MULSMITH_UNROLL
    for (int h = 0; h < 2; ++h)
        MULSMITH_UNROLL
        for (int j = 0; j < 2; ++j) {
            uint16_t* to = out + (4 * h + 2 * j) * pitch;
            _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_unpacklo_epi64(r[4 * h + j], r[4 * h + j + 2]));
            _mm_storeu_si128(reinterpret_cast<__m128i*>(to + pitch),
                             _mm_unpackhi_epi64(r[4 * h + j], r[4 * h + j + 2]));
        }
#else
    for (int i = 0; i < 8; ++i)
        MULSMITH_UNROLL
        for (int j = 0; j < 8; ++j) out[i * pitch + j] = in[j][at + i];
#endif
}

#if defined(__AVX512BW__)
// Transposes 8 x 8 entries in each 128-bit quarter of 8 vectors.
inline void transpose_quarters(__m512i* r) {
    __m512i t[8];
    MULSMITH_UNROLL
    for (int j = 0; j < 4; ++j) {
        t[j] = _mm512_unpacklo_epi16(r[2 * j], r[2 * j + 1]);
        t[4 + j] = _mm512_unpackhi_epi16(r[2 * j], r[2 * j + 1]);
    }
    MULSMITH_UNROLL
    for (int h = 0; h < 2; ++h) {
        r[4 * h] = _mm512_unpacklo_epi32(t[4 * h], t[4 * h + 1]);
        r[4 * h + 1] = _mm512_unpackhi_epi32(t[4 * h], t[4 * h + 1]);
        r[4 * h + 2] = _mm512_unpacklo_epi32(t[4 * h + 2], t[4 * h + 3]);
        r[4 * h + 3] = _mm512_unpackhi_epi32(t[4 * h + 2], t[4 * h + 3]);
    }
    MULSMITH_UNROLL
    for (int i = 0; i < 8; i += 2) {
        const __m512i low = r[i / 4 * 4 + i / 2 % 2], high = r[i / 4 * 4 + i / 2 % 2 + 2];
        t[i] = _mm512_unpacklo_epi64(low, high);
        t[i + 1] = _mm512_unpackhi_epi64(low, high);
    }
    MULSMITH_UNROLL
    for (int i = 0; i < 8; ++i) r[i] = t[i];
}

// Transposes 32 x 32 entries into whole lines: out[i * pitch + j] = in[j][at + i].
inline void transpose32(const uint16_t* const* in, int64_t at, uint16_t* out, int64_t pitch) {
    __m512i rows[4][8];
    for (int group = 0; group < 4; ++group) {
        MULSMITH_UNROLL
        for (int j = 0; j < 8; ++j) rows[group][j] = _mm512_loadu_si512(in[8 * group + j] + at);
        transpose_quarters(rows[group]);
    }
    MULSMITH_UNROLL
    for (int i = 0; i < 8; ++i) {
        // Quarter q of rows[group][i] belongs to code 8 q + i: transpose the quarters too.
        const __m512i a = _mm512_shuffle_i32x4(rows[0][i], rows[1][i], 0x44);
        const __m512i b = _mm512_shuffle_i32x4(rows[2][i], rows[3][i], 0x44);
        const __m512i c = _mm512_shuffle_i32x4(rows[0][i], rows[1][i], 0xEE);
        const __m512i d = _mm512_shuffle_i32x4(rows[2][i], rows[3][i], 0xEE);
        _mm512_storeu_si512(out + i * pitch, _mm512_shuffle_i32x4(a, b, 0x88));
        _mm512_storeu_si512(out + (8 + i) * pitch, _mm512_shuffle_i32x4(a, b, 0xDD));
        _mm512_storeu_si512(out + (16 + i) * pitch, _mm512_shuffle_i32x4(c, d, 0x88));
        _mm512_storeu_si512(out + (24 + i) * pitch, _mm512_shuffle_i32x4(c, d, 0xDD));
    }
}
#endif

// Builds T_k for one k: element i of a table row holds row i in its low half and row Rows / 2 + i in its high one.
template <int Rows>
void build(const Block& b, int64_t k, uint16_t* table) {
    const uint16_t* words = b.table->words + b.part * kCodes * kCodes;
    const uint16_t* source[Rows];
    for (int i = 0; i < Rows; ++i) {
        const int64_t row = std::min<int64_t>(i / 2 + (i % 2) * (Rows / 2), b.row_count - 1);
        source[i] = words + kCodes * b.rows[row * b.row_pitch + k];
    }
#if defined(__AVX512BW__)
    if (Rows % 32 == 0) {
        for (int64_t code = 0; code < kCodes; code += 32)
            for (int i = 0; i < Rows; i += 32) transpose32(source + i, code, table + code * Rows + i, Rows);
        return;
    }
#endif
    for (int64_t code = 0; code < kCodes; code += 8)
        for (int i = 0; i < Rows; i += 8) transpose8(source + i, code, table + code * Rows + i, Rows);
}

// Adds the rows that `Depth` codes of every lane select. The sums of a lane are 2 * Vectors vectors.
template <int Bytes, int Rows, int Depth>
void add_rows(const uint16_t* table, const uint8_t* tile, int64_t pitch, int64_t lanes, uint32_t* sums, bool first) {
    using Vector = typename VectorOf<Bytes>::type;
    constexpr int kVectors = Rows * 2 / Bytes;
    constexpr int kElements = Bytes / 4;
    for (int64_t m = 0; m < lanes; ++m) {
        uint32_t* sum = sums + m * Rows;
        Vector whole[kVectors], high[kVectors];
        MULSMITH_UNROLL
        for (int v = 0; v < kVectors; ++v) {
            whole[v] = first ? Vector{} : *reinterpret_cast<const Vector*>(sum + v * kElements);
            high[v] = first ? Vector{} : *reinterpret_cast<const Vector*>(sum + (kVectors + v) * kElements);
        }
        MULSMITH_UNROLL
        for (int j = 0; j < Depth; ++j) {
            const uint16_t* entries = table + (j * kCodes + tile[j * pitch + m]) * Rows;
            MULSMITH_UNROLL
            for (int v = 0; v < kVectors; ++v) {
                const Vector pair = *reinterpret_cast<const Vector*>(entries + v * 2 * kElements);
                whole[v] += pair;
                high[v] += pair >> 16;
            }
        }
        MULSMITH_UNROLL
        for (int v = 0; v < kVectors; ++v) {
            *reinterpret_cast<Vector*>(sum + v * kElements) = whole[v];
            *reinterpret_cast<Vector*>(sum + (kVectors + v) * kElements) = high[v];
        }
    }
}

template <int Bytes, int Rows>
void block_of(const Block& b) {
    uint16_t* table = static_cast<uint16_t*>(b.scratch);
    for (int64_t k = 0; k < b.k_count; ++k) build<Rows>(b, k, table + k * kCodes * Rows);
    int64_t k = 0;
    bool first = b.first;
    auto add = [&](auto step, auto kernel) {
        for (; k + step <= b.k_count; k += step, first = false)
            kernel(table + k * kCodes * Rows, b.tile + k * b.tile_pitch, b.tile_pitch, b.lane_count, b.sums, first);
    };
    add(8, add_rows<Bytes, Rows, 8>);
    add(4, add_rows<Bytes, Rows, 4>);
    add(2, add_rows<Bytes, Rows, 2>);
    add(1, add_rows<Bytes, Rows, 1>);
}

#if defined(__SSE2__)
// Sums of 4 lanes by 4 rows: from lanes [lane][row], `Rows` words apart, into plain rows `pitch` apart.
template <int Rows>
inline void finish4(const uint32_t* sums, int64_t pitch, uint32_t* low, uint32_t* high) {
    __m128i first[4], second[4];
    MULSMITH_UNROLL
    for (int m = 0; m < 4; ++m) {
        const __m128i whole = _mm_load_si128(reinterpret_cast<const __m128i*>(sums + m * Rows));
        second[m] = _mm_load_si128(reinterpret_cast<const __m128i*>(sums + m * Rows + Rows / 2));
        first[m] = _mm_sub_epi32(whole, _mm_slli_epi32(second[m], 16));
    }
    const auto store = [pitch](const __m128i* r, uint32_t* to) {
        const __m128i a = _mm_unpacklo_epi32(r[0], r[1]), b = _mm_unpacklo_epi32(r[2], r[3]);
        const __m128i c = _mm_unpackhi_epi32(r[0], r[1]), d = _mm_unpackhi_epi32(r[2], r[3]);
        _mm_store_si128(reinterpret_cast<__m128i*>(to), _mm_unpacklo_epi64(a, b));
        _mm_store_si128(reinterpret_cast<__m128i*>(to + pitch), _mm_unpackhi_epi64(a, b));
        _mm_store_si128(reinterpret_cast<__m128i*>(to + 2 * pitch), _mm_unpacklo_epi64(c, d));
        _mm_store_si128(reinterpret_cast<__m128i*>(to + 3 * pitch), _mm_unpackhi_epi64(c, d));
    };
    store(first, low);
    store(second, high);
}
#endif

// Writes whole groups of 16 lanes and all `Rows` rows; `pitch` is a multiple of 64.
template <int Rows>
void finish_of(const uint32_t* sums, int64_t lanes, int64_t pitch, uint32_t* plain) {
    constexpr int kHalf = Rows / 2;
    for (int64_t m0 = 0; m0 < lanes; m0 += 16)
        for (int64_t i = 0; i < kHalf; i += 4)
            for (int64_t m = m0; m < m0 + 16; m += 4) {
                uint32_t *low = plain + i * pitch + m, *high = low + kHalf * pitch;
#if defined(__SSE2__)
                finish4<Rows>(sums + m * Rows + i, pitch, low, high);
#else
                for (int64_t row = 0; row < 4; ++row)
                    for (int64_t lane = 0; lane < 4; ++lane) {
                        const uint32_t* from = sums + (m + lane) * Rows + i + row;
                        low[row * pitch + lane] = from[0] - (from[kHalf] << 16);
                        high[row * pitch + lane] = from[kHalf];
                    }
#endif
            }
}

template <int Bytes>
void block(const Block& b) {
    if (b.row_count <= 16) {
        block_of<(Bytes < 32 ? Bytes : 32), 16>(b);
    } else if (b.row_count <= 32) {
        block_of<Bytes, 32>(b);
    } else {
        block_of<Bytes, 64>(b);
    }
}

inline void finish(const uint32_t* sums, int64_t row_count, int64_t lanes, int64_t pitch, uint32_t* plain) {
    if (row_count <= 16) {
        finish_of<16>(sums, lanes, pitch, plain);
    } else if (row_count <= 32) {
        finish_of<32>(sums, lanes, pitch, plain);
    } else {
        finish_of<64>(sums, lanes, pitch, plain);
    }
}

// Codes of 8 lanes, those whose bit is 0 replaced by the pad code.
inline uint64_t select8(uint64_t codes, uint64_t bits, uint64_t pad) {
    uint64_t keep = (bits & 0xFF) * 0x0101010101010101 & 0x8040201008040201;
    keep = ((keep + 0x7F7F7F7F7F7F7F7F) | keep) >> 7 & 0x0101010101010101;
    keep *= 0xFF;
    return (codes & keep) | (pad & ~keep);
}

// Depthwise: the table row of a tap's code stays in the first-level cache; the sums of 8 lanes stay in registers.
inline void plane(const ChannelPlane& p) {
    const ChannelLayout& layout = *p.layout;
    const int64_t taps = static_cast<int64_t>(layout.offsets.size());
    const uint64_t pad = static_cast<uint64_t>(layout.problem.pad_code) * 0x0101010101010101;
    const uint16_t* words = p.table->words + p.part * kCodes * kCodes;
    const uint16_t* entries[kMaxTaps];
    for (int64_t tap = 0; tap < taps; ++tap) entries[tap] = words + p.rows[tap] * kCodes;
    for (int64_t lane = 0; lane < layout.lanes; lane += 8) {
        const uint64_t* masks = layout.masks.data() + lane / 64 * taps;
        uint32_t sums[8];
        MULSMITH_UNROLL
        for (int i = 0; i < 8; ++i) sums[i] = p.constant;
        for (int64_t tap = 0; tap < taps; ++tap) {
            uint64_t codes;
            std::memcpy(&codes, p.codes + layout.offsets[static_cast<size_t>(tap)] + lane, 8);
            const uint64_t bits = masks[tap] >> lane % 64 & 0xFF;
            if (bits != 0xFF) codes = select8(codes, bits, pad);
            MULSMITH_UNROLL
            for (int i = 0; i < 8; ++i) sums[i] += entries[tap][codes >> 8 * i & 0xFF];
        }
        const int64_t count = std::min<int64_t>(8, layout.lanes - lane);
        std::memcpy(p.sums + lane, sums, sizeof(uint32_t) * static_cast<size_t>(count));
    }
}

template <int Bytes>
constexpr Kernel kernel(const char* name, bool (*runs)()) {
    return Kernel{name,  runs,     false, kLanes, kDepth, kRows, 1, sizeof(uint16_t) * kDepth * kCodes * kRows,
                  block<Bytes>, finish, nullptr, plane, true};
}

}  // namespace row_table
}  // namespace
}  // namespace mulsmith
