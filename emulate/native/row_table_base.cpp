#include "processor.h"
#include "row_table.h"

namespace mulsmith {

const Kernel row_table_base = row_table::kernel<16>("row_table_base", has_base);

}  // namespace mulsmith
