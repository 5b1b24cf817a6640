#include "layer_passes.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include "parallel.h"

// The compiler vectorises these loops, once per instruction set; the loader takes the best that runs.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define MULSMITH_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define MULSMITH_CLONES
#endif

namespace {

// A float of this value plus an integer n of small magnitude has n in its low bits, rounded to even.
constexpr float kRounder = 12582912.0f;
constexpr uint32_t kExponent = 0x7F800000u;
constexpr int64_t kBlock = 4096;
constexpr int64_t kElementsPerThread = 1 << 16;

uint32_t bits_of(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof(bits));
    return bits;
}

MULSMITH_CLONES
uint32_t quantise_block(const float* x, int64_t count, const MulsmithQuantiser& how, uint8_t* codes) {
    const float scale = how.scale, lowest = how.lowest, highest = how.highest;
    const auto zero = static_cast<uint32_t>(how.zero);
    uint32_t special = 0;
    for (int64_t i = 0; i < count; ++i) {
        special |= (bits_of(x[i]) & kExponent) == kExponent ? 1u : 0u;
        float value = x[i] / scale;
        value = value < lowest ? lowest : value;
        value = value > highest ? highest : value;
        codes[i] = static_cast<uint8_t>(bits_of(value + kRounder) + zero);
    }
    return special;
}

MULSMITH_CLONES
void inside_block(const float* x, int64_t count, float low, float high, uint8_t* inside) {
    for (int64_t i = 0; i < count; ++i) inside[i] = (x[i] >= low) & (x[i] <= high);
}

MULSMITH_CLONES
void add_unsigned(const uint8_t* codes, int64_t count, int32_t* sums) {
    for (int64_t i = 0; i < count; ++i) sums[i] += codes[i];
}

MULSMITH_CLONES
void add_signed(const int8_t* codes, int64_t count, int32_t* sums) {
    for (int64_t i = 0; i < count; ++i) sums[i] += codes[i];
}

MULSMITH_CLONES
void add(const int32_t* from, int64_t count, int32_t* sums) {
    for (int64_t i = 0; i < count; ++i) sums[i] += from[i];
}

MULSMITH_CLONES
void scale_row(int32_t* sums, int64_t count, int32_t offset, float unit) {
    for (int64_t i = 0; i < count; ++i)
        sums[i] = static_cast<int32_t>(bits_of(static_cast<float>(sums[i] + offset) * unit));
}

MULSMITH_CLONES
void scale_row_less_fields(int32_t* sums, int64_t count, int32_t offset, int32_t factor, const int32_t* fields,
                           float unit) {
    for (int64_t i = 0; i < count; ++i)
        sums[i] = static_cast<int32_t>(bits_of(static_cast<float>(sums[i] + offset - factor * fields[i]) * unit));
}

// The sums of the channels of a group, and of the rows of a field with zeros left and right.
struct FieldMemory {
    std::vector<int32_t> plane, column;
};

void group_fields(const MulsmithProblem& p, bool codes_signed, int32_t zero, int64_t index, FieldMemory& memory) {
    const int64_t channels = p.channels / p.groups, size = p.height * p.width;
    const uint8_t* codes = p.lanes + index * channels * size;
    int32_t* plane = memory.plane.data();
    std::fill(plane, plane + size, static_cast<int32_t>(-zero * channels));
    for (int64_t c = 0; c < channels; ++c, codes += size) {
        if (codes_signed) {
            add_signed(reinterpret_cast<const int8_t*>(codes), size, plane);
        } else {
            add_unsigned(codes, size, plane);
        }
    }
    int32_t* out = p.sums + index * p.out_h * p.out_w;
    int32_t* column = memory.column.data() + p.pad_w;
    for (int64_t y = 0; y < p.out_h; ++y, out += p.out_w) {
        std::fill(column, column + p.width, 0);
        for (int64_t ky = 0; ky < p.kernel_h; ++ky) {
            const int64_t row = y * p.stride_h - p.pad_h + ky * p.dilation_h;
            if (row >= 0 && row < p.height) add(plane + row * p.width, p.width, column);
        }
        std::fill(out, out + p.out_w, 0);
        for (int64_t kx = 0; kx < p.kernel_w; ++kx) {
            const int32_t* from = memory.column.data() + kx * p.dilation_w;
            if (p.stride_w == 1) {
                add(from, p.out_w, out);
            } else {
                for (int64_t x = 0; x < p.out_w; ++x) out[x] += from[x * p.stride_w];
            }
        }
    }
}

int64_t useful_threads(int64_t elements, int64_t threads) {
    return std::max<int64_t>(1, std::min(threads, elements / kElementsPerThread));
}

}  // namespace

#define MULSMITH_EXPORT extern "C" __attribute__((visibility("default")))

MULSMITH_EXPORT int32_t mulsmith_quantise(const float* x, int64_t count, const MulsmithQuantiser* quantiser,
                                          uint8_t* codes, int32_t threads) {
    std::atomic<uint32_t> special{0};
    const auto block = [&](int64_t index) {
        const int64_t first = index * kBlock, length = std::min(kBlock, count - first);
        if (quantise_block(x + first, length, *quantiser, codes + first)) special = 1;
    };
    mulsmith::parallel_for((count + kBlock - 1) / kBlock, useful_threads(count, threads), [&] { return block; });
    return special == 0;
}

MULSMITH_EXPORT void mulsmith_inside(const float* x, int64_t count, float low, float high, uint8_t* inside,
                                     int32_t threads) {
    const auto block = [&](int64_t index) {
        const int64_t first = index * kBlock;
        inside_block(x + first, std::min(kBlock, count - first), low, high, inside + first);
    };
    mulsmith::parallel_for((count + kBlock - 1) / kBlock, useful_threads(count, threads), [&] { return block; });
}

MULSMITH_EXPORT int32_t mulsmith_field_sums(const MulsmithProblem* problem, int32_t codes_signed, int32_t zero,
                                            int32_t threads) {
    const MulsmithProblem& p = *problem;
    const auto plane = static_cast<size_t>(p.height * p.width), column = static_cast<size_t>(p.width + 2 * p.pad_w);
    try {
        mulsmith::parallel_for(
            p.images * p.groups, useful_threads(p.images * p.channels * p.height * p.width, threads), [&] {
                return [&, memory = FieldMemory{std::vector<int32_t>(plane), std::vector<int32_t>(column)}](
                           int64_t index) mutable { group_fields(p, codes_signed != 0, zero, index, memory); };
            });
    } catch (const std::bad_alloc&) {
        return 3;
    }
    return 0;
}

MULSMITH_EXPORT void mulsmith_scale_sums(int32_t* sums, int64_t images, int64_t outputs, int64_t groups,
                                         int64_t pixels, const int32_t* offset, const int32_t* factor,
                                         const int32_t* fields, const float* unit, int32_t threads) {
    const auto row = [&](int64_t index) {
        const int64_t output = index % outputs, group = output / (outputs / groups);
        int32_t* out = sums + index * pixels;
        if (fields == nullptr) {
            scale_row(out, pixels, offset[output], unit[output]);
        } else {
            scale_row_less_fields(out, pixels, offset[output], factor[output],
                                  fields + (index / outputs * groups + group) * pixels, unit[output]);
        }
    };
    mulsmith::parallel_for(images * outputs, useful_threads(images * outputs * pixels, threads),
                           [&] { return row; });
}
