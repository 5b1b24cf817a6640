// Dot-product kernel for factorised tables: expands each plane's digits of the lane codes on the fly and multiplies
// them with the rows' digits by int8 dot products (AVX-512 VNNI), four k at a time.

#include "byte_lookup.h"
#include "kernel.h"
#include "processor.h"

namespace mulsmith {
namespace {

constexpr int64_t kLanes = 256;
constexpr int64_t kRows = 256;
constexpr int64_t kDepth = 256;
constexpr int64_t kStrip = 64;   // lanes whose sums lie in registers at once
constexpr int64_t kQuads = kDepth / 4;
constexpr int64_t kQuadBytes = 4 * kStrip;

// Interleaves codes [k][lane] of a strip into [k / 4][lane][k % 4].
void interleave(const uint8_t* tile, int64_t pitch, int64_t k_count, uint8_t* quads) {
    for (int64_t k = 0; k < k_count; k += 4, quads += kQuadBytes) {
        __m512i row[4], pair[4], quad[4];
        MULSMITH_UNROLL
        for (int j = 0; j < 4; ++j)
            row[j] = k + j < k_count ? _mm512_loadu_si512(tile + (k + j) * pitch) : _mm512_setzero_si512();
        MULSMITH_UNROLL
        for (int h = 0; h < 2; ++h) {
            pair[2 * h] = _mm512_unpacklo_epi8(row[2 * h], row[2 * h + 1]);
            pair[2 * h + 1] = _mm512_unpackhi_epi8(row[2 * h], row[2 * h + 1]);
        }
        MULSMITH_UNROLL
        for (int h = 0; h < 2; ++h) {
            quad[2 * h] = _mm512_unpacklo_epi16(pair[h], pair[2 + h]);
            quad[2 * h + 1] = _mm512_unpackhi_epi16(pair[h], pair[2 + h]);
        }
        // 128-bit part i of quad[j] holds lanes 16 i + 4 j ..: transpose the parts into lane order.
        const __m512i a = _mm512_shuffle_i32x4(quad[0], quad[1], 0x44), b = _mm512_shuffle_i32x4(quad[2], quad[3], 0x44);
        const __m512i c = _mm512_shuffle_i32x4(quad[0], quad[1], 0xEE), d = _mm512_shuffle_i32x4(quad[2], quad[3], 0xEE);
        _mm512_store_si512(quads, _mm512_shuffle_i32x4(a, b, 0x88));
        _mm512_store_si512(quads + 64, _mm512_shuffle_i32x4(a, b, 0xDD));
        _mm512_store_si512(quads + 128, _mm512_shuffle_i32x4(c, d, 0x88));
        _mm512_store_si512(quads + 192, _mm512_shuffle_i32x4(c, d, 0xDD));
    }
}

void expand(const uint8_t* digits, const uint8_t* codes, int64_t bytes, uint8_t* out) {
    const ByteTable table = load_table(digits);
    for (int64_t i = 0; i < bytes; i += 64) {
        const __m512i code = _mm512_load_si512(codes + i);
        _mm512_store_si512(out + i, look_up(table, code, _mm512_movepi8_mask(code)));
    }
}

// Adds the sums over k of lane_term: its bytes are looked up and summed four k at a time.
void add_lane_terms(const MulsmithTable& table, const uint8_t* quads, int64_t k_count, uint32_t* lane_sums,
                    bool first) {
    __m512i total[4];
    MULSMITH_UNROLL
    for (int v = 0; v < 4; ++v) total[v] = first ? _mm512_setzero_si512() : _mm512_loadu_si512(lane_sums + 16 * v);
    const __m512i ones = _mm512_set1_epi8(1);
    const __m512i last_ones = _mm512_set1_epi32(k_count % 4 == 0 ? 0x01010101 : ((1 << 8 * (k_count % 4)) - 1) / 255);
    for (int64_t byte = 0; byte < table.lane_term_count; ++byte) {
        const ByteTable entries = load_table(table.lane_term_bytes + byte * kCodes);
        __m512i sum[4];
        MULSMITH_UNROLL
        for (int v = 0; v < 4; ++v) sum[v] = _mm512_setzero_si512();
        for (int64_t k = 0; k < k_count; k += 4) {
            const __m512i weights = k + 4 <= k_count ? ones : last_ones;
            MULSMITH_UNROLL
            for (int v = 0; v < 4; ++v) {
                const __m512i codes = _mm512_load_si512(quads + k / 4 * kQuadBytes + 64 * v);
                sum[v] = _mm512_dpbusd_epi32(sum[v], look_up(entries, codes, _mm512_movepi8_mask(codes)), weights);
            }
        }
        const __m128i shift = _mm_cvtsi64_si128(8 * byte);
        MULSMITH_UNROLL
        for (int v = 0; v < 4; ++v) total[v] = _mm512_add_epi32(total[v], _mm512_sll_epi32(sum[v], shift));
    }
    MULSMITH_UNROLL
    for (int v = 0; v < 4; ++v) _mm512_storeu_si512(lane_sums + 16 * v, total[v]);
}

// Multiplies a strip of 16 * Vectors lanes with `Rows` rows.
template <int Rows, int Vectors>
void multiply(const uint8_t* quads, const int8_t* digits, int64_t digit_pitch, int64_t quad_count, int32_t scale,
              uint32_t* sums, int64_t sum_pitch, bool first) {
    __m512i sum[Rows][Vectors];
    MULSMITH_UNROLL
    for (int r = 0; r < Rows; ++r)
        MULSMITH_UNROLL
        for (int v = 0; v < Vectors; ++v) sum[r][v] = _mm512_setzero_si512();
    for (int64_t q = 0; q < quad_count; ++q) {
        __m512i lanes[Vectors];
        MULSMITH_UNROLL
        for (int v = 0; v < Vectors; ++v) lanes[v] = _mm512_load_si512(quads + q * kQuadBytes + 64 * v);
        MULSMITH_UNROLL
        for (int r = 0; r < Rows; ++r) {
            int32_t four;
            __builtin_memcpy(&four, digits + r * digit_pitch + 4 * q, 4);
            const __m512i row = _mm512_set1_epi32(four);
            MULSMITH_UNROLL
            for (int v = 0; v < Vectors; ++v) sum[r][v] = _mm512_dpbusd_epi32(sum[r][v], lanes[v], row);
        }
    }
    const __m512i factor = _mm512_set1_epi32(scale);
    MULSMITH_UNROLL
    for (int r = 0; r < Rows; ++r)
        MULSMITH_UNROLL
        for (int v = 0; v < Vectors; ++v) {
            uint32_t* to = sums + r * sum_pitch + 16 * v;
            const __m512i scaled = scale == 1 ? sum[r][v] : _mm512_mullo_epi32(sum[r][v], factor);
            _mm512_storeu_si512(to, first ? scaled : _mm512_add_epi32(scaled, _mm512_loadu_si512(to)));
        }
}

template <int Vectors>
void multiply_rows(const Block& b, int64_t plane, const uint8_t* quads, uint32_t* sums, bool first) {
    const int64_t quad_count = (b.k_count + 3) / 4;
    const int8_t* digits = b.digits + plane * b.digit_plane_pitch;
    for (int64_t row = 0; row < b.row_count;) {
        const int64_t left = b.row_count - row;
        // 7 and 8 rows left are split into 4 and the rest, because short groups leave the multipliers idle.
        const int64_t take = left > 8 || left == 6 ? 6 : left > 6 ? 4 : left;
        const int8_t* from = digits + row * b.digit_pitch;
        uint32_t* to = sums + row * b.tile_pitch;
        auto run = [&](auto kernel) {
            kernel(quads, from, b.digit_pitch, quad_count, b.table->scales[plane], to, b.tile_pitch, first);
        };
        switch (take) {
            case 1: run(multiply<1, Vectors>); break;
            case 2: run(multiply<2, Vectors>); break;
            case 3: run(multiply<3, Vectors>); break;
            case 4: run(multiply<4, Vectors>); break;
            case 5: run(multiply<5, Vectors>); break;
            default: run(multiply<6, Vectors>); break;
        }
        row += take;
    }
}

void block(const Block& b) {
    uint8_t* codes = static_cast<uint8_t*>(b.scratch);
    uint8_t* quads = codes + kQuads * kQuadBytes;
    const int64_t bytes = (b.k_count + 3) / 4 * kQuadBytes;
    for (int64_t lane = 0; lane < b.lane_count; lane += kStrip) {
        const int64_t lanes = b.lane_count - lane;
        interleave(b.tile + lane, b.tile_pitch, b.k_count, codes);
        add_lane_terms(*b.table, codes, b.k_count, b.lane_sums + lane, b.first);
        for (int64_t plane = 0; plane < b.table->plane_count; ++plane) {
            expand(b.table->lane_digits + plane * kCodes, codes, bytes, quads);
            const bool first = b.first && plane == 0;
            uint32_t* sums = b.sums + lane;
            switch (lanes > 48 ? 4 : (lanes + 15) / 16) {
                case 1: multiply_rows<1>(b, plane, quads, sums, first); break;
                case 2: multiply_rows<2>(b, plane, quads, sums, first); break;
                case 3: multiply_rows<3>(b, plane, quads, sums, first); break;
                default: multiply_rows<4>(b, plane, quads, sums, first); break;
            }
        }
    }
}

void row_digits(const MulsmithTable& table, const uint8_t* codes, int64_t count, int8_t* digits, int64_t plane_pitch) {
    for (int64_t plane = 0; plane < table.plane_count; ++plane) {
        const ByteTable entries = load_table(reinterpret_cast<const uint8_t*>(table.row_digits + plane * kCodes));
        for (int64_t i = 0; i < count; i += 64) {
            const int64_t left = count - i;
            const __mmask64 used = left >= 64 ? ~__mmask64{0} : (__mmask64{1} << left) - 1;
            const __m512i code = _mm512_maskz_loadu_epi8(used, codes + i);
            _mm512_mask_storeu_epi8(digits + plane * plane_pitch + i, used,
                                    look_up(entries, code, _mm512_movepi8_mask(code)));
        }
    }
}

}  // namespace

const Kernel dot_vnni = {"dot_vnni", has_avx512_vnni, true,  kLanes, kDepth,     kRows,
                         1,          2 * kDepth * kStrip, block, nullptr, row_digits, nullptr, false};

}  // namespace mulsmith
