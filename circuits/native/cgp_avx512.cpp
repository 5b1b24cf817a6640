// Evaluation in 512-bit vectors, with the vector population count.
#include <immintrin.h>
#define MULSMITH_CGP_BYTES 64
#define MULSMITH_CGP_VECTORS 2
#define MULSMITH_CGP_POPCOUNT(x) ((V)_mm512_popcnt_epi64((__m512i)(x)))
#include "cgp_kernel.h"

namespace mulsmith {
const Kernel cgp_avx512 = {
    "avx512",
    [] { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq"); },
    kWords, errors, moments, toggles};
}
