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

// Writes or adds 64 sums low + 256 * high in lane order.
inline void flush(const ByteSums& low, const ByteSums& high, uint32_t* sums, bool first) {
    const __m512i from_low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i from_high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    MULSMITH_UNROLL
    for (int half = 0; half < 2; ++half) {
        const __m512i even = _mm512_add_epi32(widen(low.even_lanes(), half), _mm512_slli_epi32(widen(high.even_lanes(), half), 8));
        const __m512i odd = _mm512_add_epi32(widen(low.odd_lanes(), half), _mm512_slli_epi32(widen(high.odd_lanes(), half), 8));
        __m512i a = _mm512_permutex2var_epi32(even, from_low, odd);
        __m512i b = _mm512_permutex2var_epi32(even, from_high, odd);
        uint32_t* to = sums + 32 * half;
        if (!first) {
            a = _mm512_add_epi32(a, _mm512_loadu_si512(to));
            b = _mm512_add_epi32(b, _mm512_loadu_si512(to + 16));
        }
        _mm512_storeu_si512(to, a);
        _mm512_storeu_si512(to + 16, b);
    }
}

// Sums of 64 * Vectors lanes for one row. `codes_of(k)` is where the lane codes of tap k begin.
template <int Vectors, typename CodesOf>
inline void add_row(const uint8_t* bytes, const uint8_t* rows, int64_t k_count, const CodesOf& codes_of,
                    uint32_t* sums, bool first) {
    Words whole[2 * Vectors], odd[2 * Vectors];
    MULSMITH_UNROLL
    for (int i = 0; i < 2 * Vectors; ++i) whole[i] = odd[i] = Words{};
    int64_t k = 0;
    do {
        const uint8_t* entries = bytes + rows[k] * 2 * kCodes;
        const ByteTable low = load_table(entries), high = load_table(entries + kCodes);
        const uint8_t* at = codes_of(k);
        MULSMITH_UNROLL
        for (int v = 0; v < Vectors; ++v) {
            const __m512i codes = _mm512_loadu_si512(at + 64 * v);
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
        flush({whole[2 * v], odd[2 * v]}, {whole[2 * v + 1], odd[2 * v + 1]}, sums + 64 * v, first);
}

template <int Vectors>
void add_rows(const Block& b) {
    const uint8_t* bytes = b.table->bytes + b.part * kCodes * 2 * kCodes;
    const auto codes_of = [&b](int64_t k) { return b.tile + k * b.tile_pitch; };
    for (int64_t row = 0; row < b.row_count; ++row)
        add_row<Vectors>(bytes, b.rows + row * b.row_pitch, b.k_count, codes_of, b.sums + row * b.tile_pitch, b.first);
}

void block(const Block& b) {
    switch ((b.lane_count + 63) / 64) {
        case 1: return add_rows<1>(b);
        case 2: return add_rows<2>(b);
        case 3: return add_rows<3>(b);
        default: return add_rows<4>(b);
    }
}

void plane(const ChannelPlane& p) {
    const uint8_t* bytes = p.table->bytes + p.part * kCodes * 2 * kCodes;
    const int64_t count = (p.out_h - 1) * p.pitch + p.out_w;
    int64_t at = 0;
    const auto codes_of = [&p, &at](int64_t k) { return p.channel + p.offsets[k] + at; };
    for (; at + 128 < count; at += 256) add_row<4>(bytes, p.rows, p.k_count, codes_of, p.flat + at, true);
    for (; at + 64 < count; at += 128) add_row<2>(bytes, p.rows, p.k_count, codes_of, p.flat + at, true);
    for (; at < count; at += 64) add_row<1>(bytes, p.rows, p.k_count, codes_of, p.flat + at, true);
}

}  // namespace

const Kernel byte_table_vbmi = {"byte_table_vbmi", has_avx512_vbmi, false, kLanes,  kMaxTaps, kRows, 1, 0,
                                block,             nullptr,         nullptr, plane, true};

}  // namespace mulsmith
