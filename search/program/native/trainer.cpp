// Chooses the trainer of the widest vectors that this processor has.
#include <initializer_list>

#include "trainer.h"

namespace mulsmith {
namespace {

const TrainerKernel& chosen() {
#if defined(__x86_64__)
    for (const TrainerKernel* kernel : {&trainer_avx512, &trainer_avx2})
        if (kernel->runs()) return *kernel;
#endif
    return trainer_base;
}

}  // namespace
}  // namespace mulsmith

#define MULSMITH_EXPORT extern "C" __attribute__((visibility("default")))

MULSMITH_EXPORT int32_t mulsmith_trainer_abi() { return 1; }
MULSMITH_EXPORT const char* mulsmith_trainer_kernel() { return mulsmith::chosen().name; }
MULSMITH_EXPORT int32_t mulsmith_trainer_epoch(const MulsmithEpoch* epoch) {
    return mulsmith::chosen().train(*epoch);
}
