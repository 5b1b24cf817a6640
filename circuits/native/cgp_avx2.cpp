// Evaluation in 256-bit vectors.
#define MULSMITH_CGP_BYTES 32
#define MULSMITH_CGP_VECTORS 4
#include "cgp_kernel.h"

namespace mulsmith {
const Kernel cgp_avx2 = {
    "avx2", [] { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt"); },
    kWords, errors, moments, toggles};
}
