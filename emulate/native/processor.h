// Which groups of instructions this processor and its operating system offer.
#pragma once

namespace mulsmith {

bool has_base();
bool has_avx2();
bool has_avxvnni();      // and AVX2
bool has_avx512();       // F, BW, VL, DQ
bool has_avx512_vbmi();  // and VBMI
bool has_avx512_vnni();  // and VBMI, VNNI

}  // namespace mulsmith
