// Runs the CUDA kernels' phases on the host, block after block and thread after thread, for tests.
#include <vector>

#include "row_table.cuh"

template <int COLUMNS>
static void run_row_table(const Layer& layer, unsigned blocks) {
  using Kernel = RowTable<COLUMNS>;
  std::vector<unsigned> shared(2 * Kernel::BUFFER_WORDS);
  std::vector<typename Kernel::Thread> threads(THREADS);
  for (unsigned index = 0; index < blocks; ++index) {
    const auto block = Kernel::block_of(layer, index);
    const int first = Kernel::first_term(layer, block), end = Kernel::end_term(layer, block);
    for (int id = 0; id < THREADS; ++id) Kernel::begin(layer, block, threads[id], id);
    for (int id = 0; id < THREADS; ++id) Kernel::stage(layer, block, threads[id], shared.data(), first, id);
    for (int k = first; k < end; ++k)
      for (int id = 0; id < THREADS; ++id) {
        if (k + 1 < end) Kernel::stage(layer, block, threads[id], shared.data(), k + 1, id);
        Kernel::add(threads[id], shared.data(), k, id);
      }
    for (int id = 0; id < THREADS; ++id) Kernel::finish(layer, block, threads[id], id);
  }
}

static void run_channel_table(const Layer& layer, unsigned blocks) {
  std::vector<unsigned> shared(ChannelTable::SHARED_WORDS);
  std::vector<ChannelTable::Thread> threads(CHANNEL_THREADS);
  for (unsigned index = 0; index < blocks; ++index) {
    const int output = ChannelTable::output_of(layer, index);
    const long long row = ChannelTable::row_of(layer, index);
    for (auto& thread : threads) ChannelTable::begin(thread);
    for (int first = 0; first < layer.terms; first += CHANNEL_TAPS) {
      for (int id = 0; id < CHANNEL_THREADS; ++id) ChannelTable::stage(layer, output, shared.data(), first, id);
      for (int id = 0; id < CHANNEL_THREADS; ++id)
        ChannelTable::add(layer, output, row, threads[id], shared.data(), first, id);
    }
    for (int id = 0; id < CHANNEL_THREADS; ++id) ChannelTable::finish(layer, output, row, threads[id], id);
  }
}

extern "C" void row_table_64(const Layer* layer, unsigned blocks) { run_row_table<64>(*layer, blocks); }
extern "C" void row_table_32(const Layer* layer, unsigned blocks) { run_row_table<32>(*layer, blocks); }
extern "C" void row_table_16(const Layer* layer, unsigned blocks) { run_row_table<16>(*layer, blocks); }
extern "C" void channel_table(const Layer* layer, unsigned blocks) { run_channel_table(*layer, blocks); }
