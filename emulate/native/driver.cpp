// Entry points: cuts a convolution into tiles, hands them to a kernel, adds the constant terms and stores the sums.

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <vector>

#include "abi.h"
#include "kernel.h"
#include "lanes.h"
#include "parallel.h"

namespace mulsmith {
namespace {

const Kernel* const kKernels[] = {
    &gather_loop, &packed_gather_loop, &row_table_base,
#if defined(__x86_64__)
    &row_table_avx2, &row_table_avx512, &byte_table_vbmi, &dot_vnni,
#endif
#if defined(MULSMITH_AVXVNNI)
    &dot_avxvnni,
#endif
};
constexpr int32_t kKernelCount = sizeof(kKernels) / sizeof(kKernels[0]);

enum Status : int32_t { kDone = 0, kNotHere = 1, kCannot = 2, kNoMemory = 3 };

struct Free {
    void operator()(void* memory) const { std::free(memory); }
};

// Uninitialised memory of `count` elements and slack, at a multiple of 64 bytes.
template <typename T>
class Buffer {
  public:
    explicit Buffer(int64_t count) {
        const size_t bytes = (static_cast<size_t>(count) * sizeof(T) + kSlack + 63) / 64 * 64;
        memory_.reset(std::aligned_alloc(64, bytes));
        if (!memory_) throw std::bad_alloc();
    }
    T* get() const { return static_cast<T*>(memory_.get()); }

  private:
    std::unique_ptr<void, Free> memory_;
};

int64_t round_up(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

// Words from one row of a tile to the next: an odd number of lines, so that rows do not meet in the same cache sets.
int64_t pitch_of(int64_t lanes) { return round_up(lanes, 64) | 64; }

// One call: what all its pieces of work share.
struct Call {
    const MulsmithProblem& problem;
    const MulsmithTable& table;
    const Kernel& kernel;
    int64_t pixels, depth, group_rows;  // H'W', K, rows per group
    const LanePlanes* planes = nullptr;
    int64_t digit_pitch = 0, digit_plane_pitch = 0;
    const int8_t* digits = nullptr;     // [plane][outputs][digit_pitch]
    const uint32_t* constants = nullptr;  // [outputs]: what every sum of a row gets besides the look-ups
};

// A tile of lanes and a block of rows of one group.
struct Piece {
    int64_t group, first_lane, lane_count, first_row, row_count;
};

// The row-table kernels pad the rows of a block to 16, 32 or 64.
int64_t padded_rows(const Kernel& kernel, int64_t rows) {
    if (kernel.finish == nullptr) return std::min(rows, kernel.row_block);
    return rows <= 16 ? 16 : rows <= 32 ? 32 : kernel.row_block;
}

// Memory of one piece at a time.
struct Workspace {
    Buffer<uint8_t> tile;
    Buffer<uint32_t> sums, plain, lane_sums;
    Buffer<uint8_t> scratch;
    // For pieces of rows up to `pitch` words apart and padded `rows`.
    Workspace(const Kernel& kernel, int64_t pitch, int64_t rows)
        : tile(kernel.k_block * pitch),
          sums(rows * pitch),
          plain(kernel.finish != nullptr ? rows * pitch : 0),
          lane_sums(kernel.factorised ? pitch : 0),
          scratch(static_cast<int64_t>(kernel.scratch_bytes)) {}
};

// Joins segments that lie side by side in the output.
std::vector<Segment> output_runs(const std::vector<Segment>& segments) {
    std::vector<Segment> runs;
    for (const Segment& s : segments) {
        if (!runs.empty() && runs.back().sums + runs.back().length == s.sums) {
            runs.back().length += s.length;
        } else {
            runs.push_back(s);
        }
    }
    return runs;
}

// Stores or, for a second part of the table, adds the sums of one row.
void store(const Call& call, const std::vector<Segment>& runs, int64_t row, int64_t part, const uint32_t* from,
           uint32_t constant, const uint32_t* lane_sums) {
    for (const Segment& s : runs) {
        auto* to = reinterpret_cast<uint32_t*>(call.problem.sums) + s.sums + row * call.pixels;
        if (part > 0) {
            for (int64_t i = 0; i < s.length; ++i) to[i] += from[i] << 16;
        } else if (lane_sums != nullptr) {
            for (int64_t i = 0; i < s.length; ++i) to[i] = from[i] + constant + lane_sums[i];
            lane_sums += s.length;
        } else {
            for (int64_t i = 0; i < s.length; ++i) to[i] = from[i] + constant;
        }
        from += s.length;
    }
}

void run_piece(const Call& call, const Piece& piece, const Workspace& memory) {
    const Kernel& kernel = call.kernel;
    const int64_t pitch = pitch_of(piece.lane_count);
    const std::vector<Segment> segments = call.planes->segments(piece.first_lane, piece.lane_count);
    const std::vector<Segment> runs = output_runs(segments);
    const int64_t first_row = piece.group * call.group_rows + piece.first_row;
    const int64_t parts = kernel.factorised ? 1 : call.table.parts;
    for (int64_t part = 0; part < parts; ++part) {
        for (int64_t k = 0; k < call.depth; k += kernel.k_block) {
            Block block{};
            block.table = &call.table;
            block.part = part;
            block.tile = memory.tile.get();
            block.tile_pitch = pitch;
            block.rows = call.problem.rows + first_row * call.depth + k;
            block.row_pitch = call.depth;
            block.digits = call.digits + first_row * call.digit_pitch + k;
            block.digit_pitch = call.digit_pitch;
            block.digit_plane_pitch = call.digit_plane_pitch;
            block.row_count = piece.row_count;
            block.lane_count = piece.lane_count;
            block.k_count = std::min(kernel.k_block, call.depth - k);
            block.first = k == 0;
            block.sums = memory.sums.get();
            block.lane_sums = memory.lane_sums.get();
            block.scratch = memory.scratch.get();
            call.planes->pack(segments, piece.group, k, block.k_count, memory.tile.get(), pitch);
            kernel.block(block);
        }
        const uint32_t* plain = memory.sums.get();
        if (kernel.finish != nullptr) {
            kernel.finish(plain, piece.row_count, piece.lane_count, pitch, memory.plain.get());
            plain = memory.plain.get();
        }
        for (int64_t row = 0; row < piece.row_count; ++row)
            store(call, runs, first_row + row, part, plain + row * pitch, call.constants[first_row + row],
                  kernel.factorised ? memory.lane_sums.get() : nullptr);
    }
}

// Stores or, for a second part of the table, adds the sums of a plane whose rows are longer than the output's.
void store_rows(const MulsmithProblem& p, int64_t pitch, int64_t part, const uint32_t* from, uint32_t* to) {
    for (int64_t y = 0; y < p.out_h; ++y, from += pitch, to += p.out_w) {
        if (part > 0) {
            for (int64_t x = 0; x < p.out_w; ++x) to[x] += from[x] << 16;
        } else {
            std::memcpy(to, from, sizeof(uint32_t) * static_cast<size_t>(p.out_w));
        }
    }
}

// One image and input channel of a depthwise convolution, for all rows of its group.
void run_channel(const Call& call, const ChannelLayout& layout, int64_t index, const Buffer<uint8_t>& sorted,
                 const Buffer<uint32_t>& plane) {
    const MulsmithProblem& p = call.problem;
    const int64_t image = index / p.channels, group = index % p.channels;
    const uint8_t* codes = p.lanes + index * p.height * p.width;
    if (call.kernel.reads_inside || !layout.sorted()) {
        layout.sort(codes, sorted.get() + layout.margin);
        codes = sorted.get() + layout.margin;
    }
    const bool dense = layout.pitch == p.out_w;
    for (int64_t row = group * call.group_rows; row < (group + 1) * call.group_rows; ++row) {
        auto* to = reinterpret_cast<uint32_t*>(p.sums) + (image * p.outputs + row) * call.pixels;
        for (int64_t part = 0; part < call.table.parts; ++part) {
            const uint32_t constant = part == 0 ? call.constants[row] : 0;
            const bool direct = dense && part == 0;
            uint32_t* sums = direct ? to : plane.get();
            call.kernel.plane({&layout, &call.table, part, codes, p.rows + row * call.depth, constant, sums});
            if (!direct) store_rows(p, layout.pitch, part, plane.get(), to);
        }
    }
}

void convolve_channels(const Call& call, int64_t threads) {
    const ChannelLayout layout(call.problem);
    const bool planes = layout.pitch != call.problem.out_w || call.table.parts > 1;
    const bool sorts = call.kernel.reads_inside || !layout.sorted();
    parallel_for(call.problem.images * call.problem.channels, threads, [&] {
        return [&call, &layout, sorted = Buffer<uint8_t>(sorts ? layout.sorted_bytes() : 0),
                plane = Buffer<uint32_t>(planes ? layout.lanes : 0)](int64_t index) {
            run_channel(call, layout, index, sorted, plane);
        };
    });
}

Buffer<int8_t> digits_of(const Call& call, int64_t digit_pitch, int64_t threads) {
    const MulsmithProblem& p = call.problem;
    const int64_t plane_pitch = p.outputs * digit_pitch;
    Buffer<int8_t> digits(call.table.plane_count * plane_pitch);
    if (digit_pitch != call.depth)
        std::memset(digits.get(), 0, static_cast<size_t>(call.table.plane_count * plane_pitch));
    const int64_t chunk = 64;
    const auto expand = [&](int64_t index) {
        const int64_t first = index * chunk, last = std::min(first + chunk, p.outputs);
        const uint8_t* codes = p.rows + first * call.depth;
        int8_t* out = digits.get() + first * digit_pitch;
        if (digit_pitch == call.depth) {
            call.kernel.row_digits(call.table, codes, (last - first) * call.depth, out, plane_pitch);
            return;
        }
        for (int64_t row = first; row < last; ++row, codes += call.depth, out += digit_pitch)
            call.kernel.row_digits(call.table, codes, call.depth, out, plane_pitch);
    };
    parallel_for((p.outputs + chunk - 1) / chunk, threads, [&] { return expand; });
    return digits;
}

std::vector<uint32_t> constants_of(const Call& call) {
    const auto outputs = static_cast<size_t>(call.problem.outputs);
    std::vector<uint32_t> constants(outputs, static_cast<uint32_t>(call.table.base * call.depth));
    if (!call.kernel.factorised) return constants;
    const uint8_t* codes = call.problem.rows;
    for (uint32_t& constant : constants) {
        constant = 0;
        for (int64_t k = 0; k < call.depth; ++k) constant += static_cast<uint32_t>(call.table.row_term[*codes++]);
    }
    return constants;
}

// Small problems are not worth a thread: starting one takes about as long as this many look-ups.
constexpr int64_t kLookupsPerThread = 1 << 19;

Status convolve(const MulsmithProblem& p, const MulsmithTable& table, const Kernel& kernel, int64_t threads) {
    const int64_t depth = p.channels / p.groups * p.kernel_h * p.kernel_w;
    const int64_t group_rows = p.outputs / p.groups, pixels = p.out_h * p.out_w;
    const int64_t lookups = p.images * pixels * p.outputs * depth;
    threads = std::max<int64_t>(1, std::min(threads, lookups / kLookupsPerThread));
    const bool channelwise =
        kernel.plane != nullptr && p.channels == p.groups && group_rows <= 4 && depth <= kMaxTaps;
    if (kernel.factorised && (table.plane_count < 1 || table.lane_plane_count > kMaxLanePlanes)) return kCannot;

    Call call{p, table, kernel, pixels, depth, group_rows};
    const std::vector<uint32_t> constants = constants_of(call);
    call.constants = constants.data();
    if (channelwise) {
        convolve_channels(call, threads);
        return kDone;
    }

    const LanePlanes planes(p);
    const auto fill = [&](int64_t index) { planes.fill(index); };
    if (!planes.in_place()) parallel_for(planes.channel_count(), threads, [&] { return fill; });
    call.planes = &planes;
    std::optional<Buffer<int8_t>> digits;
    if (kernel.factorised) {
        call.digit_pitch = round_up(depth, 4);
        call.digit_plane_pitch = p.outputs * call.digit_pitch;
        digits = digits_of(call, call.digit_pitch, threads);
        call.digits = digits->get();
    }
    std::vector<Piece> pieces;
    const int64_t lanes = p.images * pixels;
    // Tiles of equal size, at least one per thread.
    const int64_t per_thread = round_up((lanes + threads - 1) / threads, 64);
    const int64_t tile = std::min(kernel.lanes, std::max<int64_t>(per_thread, 64));
    for (int64_t group = 0; group < p.groups; ++group)
        for (int64_t lane = 0; lane < lanes; lane += tile)
            for (int64_t row = 0; row < group_rows; row += kernel.row_block)
                pieces.push_back({group, lane, std::min(tile, lanes - lane), row,
                                  std::min(kernel.row_block, group_rows - row)});
    parallel_for(static_cast<int64_t>(pieces.size()), threads, [&] {
        return [&, memory = Workspace(kernel, pitch_of(tile), padded_rows(kernel, group_rows))](int64_t index) {
            run_piece(call, pieces[static_cast<size_t>(index)], memory);
        };
    });
    return kDone;
}

}  // namespace
}  // namespace mulsmith

#define MULSMITH_EXPORT extern "C" __attribute__((visibility("default")))

MULSMITH_EXPORT int32_t mulsmith_abi() { return 3; }

MULSMITH_EXPORT int32_t mulsmith_kernel_count() { return mulsmith::kKernelCount; }

MULSMITH_EXPORT const char* mulsmith_kernel_name(int32_t index) { return mulsmith::kKernels[index]->name; }

MULSMITH_EXPORT int32_t mulsmith_kernel_runs(int32_t index) { return mulsmith::kKernels[index]->runs() ? 1 : 0; }

MULSMITH_EXPORT int32_t mulsmith_conv2d(const MulsmithProblem* problem, const MulsmithTable* table, int32_t kernel,
                                        int32_t threads) {
    if (kernel < 0 || kernel >= mulsmith::kKernelCount || !mulsmith::kKernels[kernel]->runs())
        return mulsmith::kNotHere;
    try {
        return mulsmith::convolve(*problem, *table, *mulsmith::kKernels[kernel], threads);
    } catch (const std::bad_alloc&) {
        return mulsmith::kNoMemory;
    }
}
