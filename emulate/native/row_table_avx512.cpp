#include "processor.h"
#include "row_table.h"

namespace mulsmith {

const Kernel row_table_avx512 = row_table::kernel<64>("row_table_avx512", has_avx512);

}  // namespace mulsmith
