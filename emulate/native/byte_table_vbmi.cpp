// Byte-table kernel: the 256 entries of a stationary code lie in registers as a low and a high byte plane, and 64
// lanes look their codes up at once. No table has to be built, so it suits any number of lanes.

#include "byte_lookup.h"
#include "kernel.h"
#include "processor.h"

namespace mulsmith {
namespace {

constexpr int64_t kLanes = 256;
constexpr int64_t kRows = 128;

// 32 elements of 16 bits, each an even and an odd lane of a byte plane. (A vector type of its own, not __m512i:
// GCC copies sums of another type back and forth.)
typedef uint16_t Words __attribute__((vector_size(64)));

// Running sums of 64 lanes of one byte plane: `whole` sums the elements modulo 2^16, `odd` the odd lanes; both are
// exact for up to kMaxTaps bytes.
struct ByteSums {
    Words whole, odd;
    __m512i odd_lanes() const { return reinterpret_cast<__m512i>(odd); }
    __m512i even_lanes() const { return reinterpret_cast<__m512i>(whole - (odd << 8)); }
};

inline __m512i widen(__m512i words, int half) {
    return _mm512_cvtepu16_epi32(half == 0 ? _mm512_castsi512_si256(words) : _mm512_extracti64x4_epi64(words, 1));
}

// 64 sums low + 256 * high in lane order.
struct LaneSums {
    __m512i quarter[4];
};

inline LaneSums lane_sums(const ByteSums& low, const ByteSums& high) {
    const __m512i from_low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i from_high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    LaneSums sums;
    MULSMITH_UNROLL
    for (int half = 0; half < 2; ++half) {
        const __m512i high_even = _mm512_slli_epi32(widen(high.even_lanes(), half), 8);
        const __m512i high_odd = _mm512_slli_epi32(widen(high.odd_lanes(), half), 8);
        const __m512i even = _mm512_add_epi32(widen(low.even_lanes(), half), high_even);
        const __m512i odd = _mm512_add_epi32(widen(low.odd_lanes(), half), high_odd);
        sums.quarter[2 * half] = _mm512_permutex2var_epi32(even, from_low, odd);
        sums.quarter[2 * half + 1] = _mm512_permutex2var_epi32(even, from_high, odd);
    }
    return sums;
}

// Sums of 64 * Vectors lanes for one row. `codes_at(k, v)` are the codes of vector v for tap k; `store(v, sums)`
// gets the sums.
template <int Vectors, typename CodesAt, typename Store>
inline void add_row(const uint8_t* bytes, const uint8_t* rows, int64_t k_count, const CodesAt& codes_at,
                    const Store& store) {
    Words whole[2 * Vectors], odd[2 * Vectors];
    MULSMITH_UNROLL
    for (int i = 0; i < 2 * Vectors; ++i) whole[i] = odd[i] = Words{};
    int64_t k = 0;
    do {
        const uint8_t* entries = bytes + rows[k] * 2 * kCodes;
        const ByteTable low = load_table(entries), high = load_table(entries + kCodes);
        MULSMITH_UNROLL
        for (int v = 0; v < Vectors; ++v) {
            const __m512i codes = codes_at(k, v);
            const __mmask64 upper = _mm512_movepi8_mask(codes);
            const Words a = reinterpret_cast<Words>(look_up(low, codes, upper));
            const Words b = reinterpret_cast<Words>(look_up(high, codes, upper));
            whole[2 * v] += a;
            odd[2 * v] += a >> 8;
            whole[2 * v + 1] += b;
            odd[2 * v + 1] += b >> 8;
        }
    } while (++k < k_count);
    MULSMITH_UNROLL
    for (int v = 0; v < Vectors; ++v)
        store(v, lane_sums({whole[2 * v], odd[2 * v]}, {whole[2 * v + 1], odd[2 * v + 1]}));
}

template <int Vectors>
void add_rows(const Block& b) {
    const uint8_t* bytes = b.table->bytes + b.part * kCodes * 2 * kCodes;
    const auto codes_at = [&b](int64_t k, int v) { return _mm512_load_si512(b.tile + k * b.tile_pitch + 64 * v); };
    for (int64_t row = 0; row < b.row_count; ++row) {
        uint32_t* to = b.sums + row * b.tile_pitch;
        add_row<Vectors>(bytes, b.rows + row * b.row_pitch, b.k_count, codes_at, [&](int v, const LaneSums& sums) {
            MULSMITH_UNROLL
            for (int i = 0; i < 4; ++i) {
                uint32_t* at = to + 64 * v + 16 * i;
                const __m512i before = b.first ? _mm512_setzero_si512() : _mm512_load_si512(at);
                _mm512_store_si512(at, _mm512_add_epi32(sums.quarter[i], before));
            }
        });
    }
}

void block(const Block& b) {
    switch ((b.lane_count + 63) / 64) {
        case 1: return add_rows<1>(b);
        case 2: return add_rows<2>(b);
        case 3: return add_rows<3>(b);
        default: return add_rows<4>(b);
    }
}

// Vectors `vector` .. of a plane.
template <int Vectors>
void add_lanes(const ChannelPlane& p, int64_t vector) {
    const ChannelLayout& layout = *p.layout;
    const int64_t taps = static_cast<int64_t>(layout.offsets.size());
    const uint64_t* masks = layout.masks.data() + vector * taps;
    const uint8_t* codes = p.codes + 64 * vector;
    const __m512i pad = _mm512_set1_epi8(static_cast<char>(layout.problem.pad_code));
    const __m512i constant = _mm512_set1_epi32(static_cast<int32_t>(p.constant));
    const int64_t left = layout.lanes - 64 * vector;
    const auto codes_at = [&](int64_t k, int v) {
        const uint8_t* at = codes + layout.offsets[static_cast<size_t>(k)] + 64 * v;
        return _mm512_mask_loadu_epi8(pad, masks[v * taps + k], at);
    };
    const auto store = [&](int v, const LaneSums& sums) {
        MULSMITH_UNROLL
        for (int i = 0; i < 4; ++i) {
            const int64_t lane = 64 * v + 16 * i, count = left - lane;
            const __mmask16 used = count >= 16 ? 0xFFFF : count <= 0 ? 0 : (1 << count) - 1;
            _mm512_mask_storeu_epi32(p.sums + 64 * vector + lane, used, _mm512_add_epi32(sums.quarter[i], constant));
        }
    };
    add_row<Vectors>(p.table->bytes + p.part * kCodes * 2 * kCodes, p.rows, taps, codes_at, store);
}

void plane(const ChannelPlane& p) {
    const int64_t vectors = (p.layout->lanes + 63) / 64;
    int64_t vector = 0;
    for (; vector + 4 <= vectors; vector += 4) add_lanes<4>(p, vector);
    switch (vectors - vector) {
        case 1: return add_lanes<1>(p, vector);
        case 2: return add_lanes<2>(p, vector);
        case 3: return add_lanes<3>(p, vector);
    }
}

}  // namespace

const Kernel byte_table_vbmi = {"byte_table_vbmi", has_avx512_vbmi, false, kLanes,  kMaxTaps, kRows, 1, 0,
                                block,             nullptr,         nullptr, plane, false};

}  // namespace mulsmith
