// The trainer in 512-bit vectors.
#define MULSMITH_TRAINER_VECTORS 4
#include "trainer_kernel.h"

namespace mulsmith {
const TrainerKernel trainer_avx512 = {
    "avx512", [] { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"); }, train};
}
