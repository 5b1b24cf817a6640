// The dot-product kernel with AVX-512 VNNI, and VBMI for the look-ups.

#include "byte_lookup.h"
#include "dot_kernel.h"
#include "processor.h"

namespace mulsmith {
namespace {

struct Vnni {
    using Vector = __m512i;
    static constexpr int kVectors = 4;
    static Vector load(const void* from) { return _mm512_loadu_si512(from); }
    static void store(void* to, Vector value) { _mm512_storeu_si512(to, value); }
    static Vector zero() { return _mm512_setzero_si512(); }
    static Vector set1(int32_t value) { return _mm512_set1_epi32(value); }
    static Vector add(Vector a, Vector b) { return _mm512_add_epi32(a, b); }
    static Vector multiply(Vector a, Vector b) { return _mm512_mullo_epi32(a, b); }
    static Vector dot(Vector sum, Vector a, Vector b) { return _mm512_dpbusd_epi32(sum, a, b); }

    static void expand(const uint8_t* digits, const uint8_t* codes, int64_t bytes, uint8_t* out) {
        const ByteTable table = load_table(digits);
        for (int64_t i = 0; i < bytes; i += 64) {
            const __m512i code = load(codes + i);
            store(out + i, look_up(table, code, _mm512_movepi8_mask(code)));
        }
    }

    // Interleaves 64 lanes of up to four rows of codes: [k][lane] to [lane][k].
    static void interleave(const uint8_t* tile, int64_t pitch, int64_t rows, uint8_t* quads) {
        __m512i row[4], pair[4], quad[4];
        MULSMITH_UNROLL
        for (int j = 0; j < 4; ++j) row[j] = j < rows ? load(tile + j * pitch) : zero();
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
        store(quads, _mm512_shuffle_i32x4(a, b, 0x88));
        store(quads + 64, _mm512_shuffle_i32x4(a, b, 0xDD));
        store(quads + 128, _mm512_shuffle_i32x4(c, d, 0x88));
        store(quads + 192, _mm512_shuffle_i32x4(c, d, 0xDD));
    }
};

}  // namespace

const Kernel dot_vnni = dot::kernel<Vnni>("dot_vnni", has_avx512_vnni);

}  // namespace mulsmith
