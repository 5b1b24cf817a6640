// The CUDA kernels of backend ``cuda``: the phases of row_table.cuh with barriers in between.
#include "row_table.cuh"

template <int COLUMNS>
DEVICE void run_row_table(const Layer& layer) {
  using Kernel = RowTable<COLUMNS>;
  extern __shared__ __align__(16) unsigned shared[];
  const int id = threadIdx.x;
  const typename Kernel::Block block = Kernel::block_of(layer, blockIdx.x);
  typename Kernel::Thread thread;
  Kernel::begin(layer, block, thread, id);
  const int first = Kernel::first_term(layer, block), end = Kernel::end_term(layer, block);
  Kernel::stage(layer, block, thread, shared, first, id);
  __syncthreads();
  for (int k = first; k < end; ++k) {
    if (k + 1 < end) Kernel::stage(layer, block, thread, shared, k + 1, id);
    Kernel::add(thread, shared, k, id);
    __syncthreads();
  }
  Kernel::finish(layer, block, thread, id);
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) row_table_64(const Layer layer) { run_row_table<64>(layer); }
extern "C" __global__ void __launch_bounds__(THREADS, 1) row_table_32(const Layer layer) { run_row_table<32>(layer); }
extern "C" __global__ void __launch_bounds__(THREADS, 1) row_table_16(const Layer layer) { run_row_table<16>(layer); }

extern "C" __global__ void __launch_bounds__(CHANNEL_THREADS) channel_table(const Layer layer) {
  __shared__ unsigned shared[ChannelTable::SHARED_WORDS];
  const int id = threadIdx.x, output = ChannelTable::output_of(layer, blockIdx.x);
  const long long row = ChannelTable::row_of(layer, blockIdx.x);
  ChannelTable::Thread thread;
  ChannelTable::begin(thread);
  for (int first = 0; first < layer.terms; first += CHANNEL_TAPS) {
    ChannelTable::stage(layer, output, shared, first, id);
    __syncthreads();
    ChannelTable::add(layer, output, row, thread, shared, first, id);
    __syncthreads();
  }
  ChannelTable::finish(layer, output, row, thread, id);
}
