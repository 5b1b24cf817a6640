#include "processor.h"
#include "row_table.h"

namespace mulsmith {

const Kernel row_table_avx2 = row_table::kernel<32>("row_table_avx2", has_avx2);

}  // namespace mulsmith
