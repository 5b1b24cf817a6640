#include "processor.h"

namespace mulsmith {

bool has_base() { return true; }

#if defined(__x86_64__)
// __builtin_cpu_supports also asks the operating system whether it saves the wider registers.
bool has_avx2() { return __builtin_cpu_supports("avx2"); }
bool has_avxvnni() {
#if defined(MULSMITH_AVXVNNI)
    return has_avx2() && __builtin_cpu_supports("avxvnni");
#else
    return false;
#endif
}
bool has_avx512() {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
bool has_avx512_vbmi() { return has_avx512() && __builtin_cpu_supports("avx512vbmi"); }
bool has_avx512_vnni() { return has_avx512_vbmi() && __builtin_cpu_supports("avx512vnni"); }
#else
bool has_avx2() { return false; }
bool has_avxvnni() { return false; }
bool has_avx512() { return false; }
bool has_avx512_vbmi() { return false; }
bool has_avx512_vnni() { return false; }
#endif

}  // namespace mulsmith
