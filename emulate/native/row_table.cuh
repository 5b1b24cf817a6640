// The bodies of the CUDA kernels, phase by phase: what one thread of a block does between two barriers.
//
// row_table.cu runs the phases on a GPU with __syncthreads() in between; block_loop.cpp runs the same phases on
// the host, thread after thread, so that their indexing is tested without a GPU. No header is needed, since
// NVRTC has none.
#pragma once

#ifdef __CUDACC__
#define DEVICE __device__ __forceinline__
#else
#define DEVICE inline
#endif

constexpr int CODES = 256;
constexpr int THREADS = 512;
constexpr int ROWS_PER_THREAD = 32;
constexpr int CHANNEL_THREADS = 256;
constexpr int CHANNEL_TAPS = 32;
constexpr int PIXELS_PER_THREAD = 8;

// One layer; the same structure as CLayer of kernels_cuda.py. Strides are in elements.
struct Layer {
  const unsigned char* x;       // codes of the pixels: [images, groups * depth, height, width] through strides
  const unsigned char* w;       // codes of the filters: [groups * columns, k] through strides
  const unsigned short* table;  // [filter code][pixel code], entries without their base
  int* y;                       // sums, zero before the launch
  long long x_image, x_channel, x_row, x_column, w_output, w_term, y_image, y_output;
  long long rows;               // images * out_h * out_w
  int depth, height, width, groups, columns, kernel_h, kernel_w, out_h, out_w;
  int stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w, pad_code;
  int terms, terms_per_split, splits, shift, base;
};

// Eight 16-bit entries, read at once.
struct alignas(16) Eight {
  unsigned word[4];
};

// Where a row (an output pixel) reads: its image and the top left corner of its window.
struct Window {
  const unsigned char* image;
  int top, left;
};

// A term k as channel and tap, advanced without division.
struct Term {
  int channel, y, x;

  DEVICE void start(const Layer& layer, int k) {
    const int taps = layer.kernel_h * layer.kernel_w;
    channel = k / taps;
    y = k % taps / layer.kernel_w;
    x = k % layer.kernel_w;
  }
  DEVICE void next(const Layer& layer) {
    if (++x < layer.kernel_w) return;
    x = 0;
    if (++y < layer.kernel_h) return;
    y = 0;
    ++channel;
  }
};

DEVICE Window window_of(const Layer& layer, long long row, int group) {
  const int pixels = layer.out_h * layer.out_w;
  const int pixel = static_cast<int>(row % pixels);
  return {layer.x + row / pixels * layer.x_image + static_cast<long long>(group) * layer.depth * layer.x_channel,
          pixel / layer.out_w * layer.stride_h - layer.pad_h, pixel % layer.out_w * layer.stride_w - layer.pad_w};
}

DEVICE unsigned code_at(const Layer& layer, const Window& window, const Term& term) {
  const int y = window.top + term.y * layer.dilation_h, x = window.left + term.x * layer.dilation_w;
  if (y < 0 || y >= layer.height || x < 0 || x >= layer.width) return layer.pad_code;
  return window.image[term.channel * layer.x_channel + y * layer.x_row + x * layer.x_column];
}

DEVICE void add_to(const Layer& layer, long long row, int output, unsigned sum) {
  const long long pixels = static_cast<long long>(layer.out_h) * layer.out_w;
  int* target = layer.y + row / pixels * layer.y_image + output * layer.y_output + row % pixels;
#ifdef __CUDACC__
  atomicAdd(target, static_cast<int>(sum));
#else
  *target = static_cast<int>(static_cast<unsigned>(*target) + sum);
#endif
}

// Row table: a block computes ROWS pixels by COLUMNS outputs over one split of the terms. For every term it
// tabulates the products of all codes with the COLUMNS filter codes, then each thread adds one pair of columns
// of the row of its pixel's code, for ROWS_PER_THREAD pixels.
template <int COLUMNS>
struct RowTable {
  static constexpr int PAIRS = COLUMNS / 2;
  static constexpr int ROWS = THREADS / PAIRS * ROWS_PER_THREAD;
  static constexpr int STAGED = ROWS / THREADS;
  static constexpr int BUFFER_WORDS = CODES * PAIRS + ROWS / 4;
  static constexpr int SHARED_BYTES = 2 * BUFFER_WORDS * 4;

  struct Block {
    int group, column, split;
    long long row;
  };
  struct Thread {
    unsigned all[ROWS_PER_THREAD], high[ROWS_PER_THREAD];
    Window windows[STAGED];
    Term term;
  };

  static DEVICE Block block_of(const Layer& layer, unsigned index) {
    const unsigned row_tiles = static_cast<unsigned>((layer.rows + ROWS - 1) / ROWS);
    const unsigned column_tiles = (layer.columns + COLUMNS - 1) / COLUMNS;
    Block block;
    block.row = static_cast<long long>(index % row_tiles) * ROWS;
    index /= row_tiles;
    block.column = static_cast<int>(index % column_tiles) * COLUMNS;
    index /= column_tiles;
    block.split = static_cast<int>(index % layer.splits);
    block.group = static_cast<int>(index / layer.splits);
    return block;
  }

  static DEVICE int first_term(const Layer& layer, const Block& block) { return block.split * layer.terms_per_split; }
  static DEVICE int end_term(const Layer& layer, const Block& block) {
    const int end = first_term(layer, block) + layer.terms_per_split;
    return end < layer.terms ? end : layer.terms;
  }

  static DEVICE void begin(const Layer& layer, const Block& block, Thread& thread, int id) {
#pragma unroll
    for (int r = 0; r < ROWS_PER_THREAD; ++r) thread.all[r] = thread.high[r] = 0;
#pragma unroll
    for (int i = 0; i < STAGED; ++i) {
      const long long row = block.row + i * THREADS + id;
      thread.windows[i] = window_of(layer, row < layer.rows ? row : layer.rows - 1, block.group);
    }
    thread.term.start(layer, first_term(layer, block));
  }

  // Write term k's table and codes into its buffer.
  static DEVICE void stage(const Layer& layer, const Block& block, Thread& thread, unsigned* shared, int k, int id) {
    unsigned* table = shared + (k & 1) * BUFFER_WORDS;
    unsigned char* codes = reinterpret_cast<unsigned char*>(table + CODES * PAIRS);
#pragma unroll
    for (int i = 0; i < STAGED; ++i)
      codes[i * THREADS + id] = static_cast<unsigned char>(code_at(layer, thread.windows[i], thread.term));
    thread.term.next(layer);
    for (int task = id; task < PAIRS * (CODES / 8); task += THREADS) {
      const int pair = task % PAIRS, code = task / PAIRS * 8, column = block.column + 2 * pair;
      const Eight low = eight(layer, block.group, column, k, code);
      const Eight high = eight(layer, block.group, column + 1, k, code);
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        table[(code + 2 * i) * PAIRS + pair] = (low.word[i] & 0xffffu) | (high.word[i] << 16);
        table[(code + 2 * i + 1) * PAIRS + pair] = (low.word[i] >> 16) | (high.word[i] & 0xffff0000u);
      }
    }
  }

  // Add term k from its buffer.
  static DEVICE void add(Thread& thread, const unsigned* shared, int k, int id) {
    const unsigned* table = shared + (k & 1) * BUFFER_WORDS;
    const unsigned* codes = table + CODES * PAIRS + id / PAIRS * (ROWS_PER_THREAD / 4);
    table += id % PAIRS;
#pragma unroll
    for (int i = 0; i < ROWS_PER_THREAD / 4; ++i) {
      const unsigned four = codes[i];
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        const unsigned products = table[(four >> (8 * j) & 0xffu) * PAIRS];
        thread.all[4 * i + j] += products;
        thread.high[4 * i + j] += products >> 16;
      }
    }
  }

  static DEVICE void finish(const Layer& layer, const Block& block, const Thread& thread, int id) {
    const int column = block.column + id % PAIRS * 2;
    const int output = block.group * layer.columns + column;
    const unsigned base = static_cast<unsigned>(layer.base) * (end_term(layer, block) - first_term(layer, block));
#pragma unroll
    for (int r = 0; r < ROWS_PER_THREAD; ++r) {
      const long long row = block.row + id / PAIRS * ROWS_PER_THREAD + r;
      if (row >= layer.rows) continue;
      const unsigned low = thread.all[r] - (thread.high[r] << 16);
      if (column < layer.columns) add_to(layer, row, output, (low << layer.shift) + base);
      if (column + 1 < layer.columns) add_to(layer, row, output + 1, (thread.high[r] << layer.shift) + base);
    }
  }

 private:
  // Products of codes code .. code + 7 with the filter code of a column; of the last column beyond the end.
  static DEVICE Eight eight(const Layer& layer, int group, int column, int k, int code) {
    const int inside = column < layer.columns ? column : layer.columns - 1;
    const int weight = layer.w[(static_cast<long long>(group) * layer.columns + inside) * layer.w_output + k * layer.w_term];
    return *reinterpret_cast<const Eight*>(layer.table + weight * CODES + code);
  }
};

// Channel table, for few outputs per group (depthwise): a block computes pixels of one output from the table
// rows of its filter's codes, CHANNEL_TAPS terms at a time.
struct ChannelTable {
  static constexpr int ROWS = CHANNEL_THREADS * PIXELS_PER_THREAD;
  static constexpr int SHARED_WORDS = CHANNEL_TAPS * CODES / 2;

  struct Thread {
    unsigned sums[PIXELS_PER_THREAD];
  };

  static DEVICE int output_of(const Layer& layer, unsigned index) {
    return static_cast<int>(index / static_cast<unsigned>((layer.rows + ROWS - 1) / ROWS));
  }
  static DEVICE long long row_of(const Layer& layer, unsigned index) {
    return static_cast<long long>(index % static_cast<unsigned>((layer.rows + ROWS - 1) / ROWS)) * ROWS;
  }

  static DEVICE void begin(Thread& thread) {
#pragma unroll
    for (int r = 0; r < PIXELS_PER_THREAD; ++r) thread.sums[r] = 0;
  }

  static DEVICE void stage(const Layer& layer, int output, unsigned* shared, int first, int id) {
    const int count = layer.terms - first < CHANNEL_TAPS ? layer.terms - first : CHANNEL_TAPS;
    for (int i = id; i < count * (CODES / 2); i += CHANNEL_THREADS) {
      const int k = first + i / (CODES / 2);
      const int weight = layer.w[output * layer.w_output + k * layer.w_term];
      shared[i] = reinterpret_cast<const unsigned*>(layer.table + weight * CODES)[i % (CODES / 2)];
    }
  }

  static DEVICE void add(const Layer& layer, int output, long long row, Thread& thread, const unsigned* shared,
                         int first, int id) {
    const unsigned short* table = reinterpret_cast<const unsigned short*>(shared);
    const int count = layer.terms - first < CHANNEL_TAPS ? layer.terms - first : CHANNEL_TAPS;
#pragma unroll
    for (int r = 0; r < PIXELS_PER_THREAD; ++r) {
      const long long pixel = row + r * CHANNEL_THREADS + id;
      if (pixel >= layer.rows) continue;
      const Window window = window_of(layer, pixel, output / layer.columns);
      Term term;
      term.start(layer, first);
      for (int t = 0; t < count; ++t, term.next(layer))
        thread.sums[r] += table[t * CODES + code_at(layer, window, term)];
    }
  }

  static DEVICE void finish(const Layer& layer, int output, long long row, const Thread& thread, int id) {
    const unsigned base = static_cast<unsigned>(layer.base) * layer.terms;
#pragma unroll
    for (int r = 0; r < PIXELS_PER_THREAD; ++r) {
      const long long pixel = row + r * CHANNEL_THREADS + id;
      if (pixel < layer.rows) add_to(layer, pixel, output, (thread.sums[r] << layer.shift) + base);
    }
  }
};
