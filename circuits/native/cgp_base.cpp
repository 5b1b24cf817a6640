// Evaluation in 64-bit words, for every processor.
#define MULSMITH_CGP_BYTES 8
#define MULSMITH_CGP_VECTORS 8
#include "cgp_kernel.h"

namespace mulsmith {
const Kernel cgp_base = {"base", [] { return true; }, kWords, errors, moments, toggles};
}
