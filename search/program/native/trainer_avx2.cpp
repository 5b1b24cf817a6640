// The trainer in 256-bit vectors.
#define MULSMITH_TRAINER_VECTORS 1
#include "trainer_kernel.h"

namespace mulsmith {
const TrainerKernel trainer_avx2 = {
    "avx2", [] { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }, train};
}
