// What an instruction set's trainer is to the dispatcher.
#pragma once
#include "trainer_abi.h"

namespace mulsmith {

struct TrainerKernel {
    const char* name;
    bool (*runs)();
    int32_t (*train)(const MulsmithEpoch& epoch);
};

extern const TrainerKernel trainer_base, trainer_avx2, trainer_avx512;

}  // namespace mulsmith
