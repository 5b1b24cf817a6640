// The dot-product kernel with AVX-VNNI: 256-bit vectors, for processors without AVX-512.

#include <immintrin.h>

#include "dot_kernel.h"
#include "processor.h"

namespace mulsmith {
namespace {

struct AvxVnni {
    using Vector = __m256i;
    static constexpr int kVectors = 2;
    static Vector load(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }
    static void store(void* to, Vector value) { _mm256_storeu_si256(static_cast<__m256i*>(to), value); }
    static Vector zero() { return _mm256_setzero_si256(); }
    static Vector set1(int32_t value) { return _mm256_set1_epi32(value); }
    static Vector add(Vector a, Vector b) { return _mm256_add_epi32(a, b); }
    static Vector multiply(Vector a, Vector b) { return _mm256_mullo_epi32(a, b); }
    static Vector dot(Vector sum, Vector a, Vector b) { return _mm256_dpbusd_avx_epi32(sum, a, b); }

    // Looks codes up among 16 << Bits entries; codes whose bit 7 is set give 0.
    template <int Bits>
    static Vector look_up(const uint8_t* entries, Vector codes) {
        if constexpr (Bits == 0) {
            const __m128i sixteen = _mm_loadu_si128(reinterpret_cast<const __m128i*>(entries));
            return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(sixteen), codes);
        } else {
            const Vector low = look_up<Bits - 1>(entries, codes);
            const Vector high = look_up<Bits - 1>(entries + (8 << Bits), codes);
            return _mm256_blendv_epi8(low, high, _mm256_slli_epi16(codes, 4 - Bits));
        }
    }

    static void expand(const uint8_t* digits, const uint8_t* codes, int64_t bytes, uint8_t* out) {
        const Vector top = _mm256_set1_epi8(static_cast<char>(0x80));
        for (int64_t i = 0; i < bytes; i += 32) {
            const Vector code = load(codes + i);
            store(out + i, _mm256_or_si256(look_up<3>(digits, code),
                                           look_up<3>(digits + 128, _mm256_xor_si256(code, top))));
        }
    }

    // Interleaves 64 lanes of up to four rows of codes: [k][lane] to [lane][k].
    static void interleave(const uint8_t* tile, int64_t pitch, int64_t rows, uint8_t* quads) {
        for (int64_t lane = 0; lane < 64; lane += 32, quads += 128) {
            Vector row[4], pair[4], quad[4];
            MULSMITH_UNROLL
            for (int j = 0; j < 4; ++j) row[j] = j < rows ? load(tile + j * pitch + lane) : zero();
            MULSMITH_UNROLL
            for (int h = 0; h < 2; ++h) {
                pair[2 * h] = _mm256_unpacklo_epi8(row[2 * h], row[2 * h + 1]);
                pair[2 * h + 1] = _mm256_unpackhi_epi8(row[2 * h], row[2 * h + 1]);
            }
            MULSMITH_UNROLL
            for (int h = 0; h < 2; ++h) {
                quad[2 * h] = _mm256_unpacklo_epi16(pair[h], pair[2 + h]);
                quad[2 * h + 1] = _mm256_unpackhi_epi16(pair[h], pair[2 + h]);
            }
            // Half i of quad[j] holds lanes 16 i + 4 j ..: bring the halves into lane order.
            MULSMITH_UNROLL
            for (int h = 0; h < 2; ++h) {
                store(quads + 32 * h, _mm256_permute2x128_si256(quad[2 * h], quad[2 * h + 1], 0x20));
                store(quads + 64 + 32 * h, _mm256_permute2x128_si256(quad[2 * h], quad[2 * h + 1], 0x31));
            }
        }
    }
};

}  // namespace

const Kernel dot_avxvnni = dot::kernel<AvxVnni>("dot_avxvnni", has_avxvnni);

}  // namespace mulsmith
