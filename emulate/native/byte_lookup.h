// Look-up of 64 codes at once in a table of 256 bytes (AVX-512 VBMI).
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace mulsmith {
namespace {

struct ByteTable {
    __m512i quarter[4];
};

inline ByteTable load_table(const uint8_t* entries) {
    return {{_mm512_loadu_si512(entries), _mm512_loadu_si512(entries + 64), _mm512_loadu_si512(entries + 128),
             _mm512_loadu_si512(entries + 192)}};
}

// `upper` marks the codes of 128 and more.
inline __m512i look_up(const ByteTable& table, __m512i codes, __mmask64 upper) {
    const __m512i low = _mm512_mask2_permutex2var_epi8(table.quarter[0], codes, ~upper, table.quarter[1]);
    return _mm512_mask2_permutex2var_epi8(table.quarter[2], low, upper, table.quarter[3]);
}

}  // namespace
}  // namespace mulsmith
