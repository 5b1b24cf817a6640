// Dot-product kernel for factorised tables, for any instruction set with int8 dot products: expands each plane's
// digits of the lane codes on the fly and multiplies them with the rows' digits, four k at a time.
//
// `Isa` has a `Vector` of bytes or 32-bit sums, `kVectors`, `load`, `store`, `zero`, `set1`, `add`, `multiply`, `dot`
// (unsigned by signed bytes), `expand` and `interleave`.
#pragma once

#include <algorithm>

#include "kernel.h"

namespace mulsmith {
// Internal linkage: every object is compiled for its own instructions and must not share code with the others.
namespace {
namespace dot {

constexpr int64_t kLanes = 256;
constexpr int64_t kRows = 256;
constexpr int64_t kDepth = 256;
constexpr int64_t kStrip = 64;  // lanes whose digits are expanded at once
constexpr int64_t kQuadBytes = 4 * kStrip;
constexpr int64_t kPlaneBytes = kDepth * kStrip;

// Planes of one scale: their products share their sums.
struct Planes {
    const uint8_t* quads;   // lane digits [plane][k / 4][lane][k % 4], kPlaneBytes apart
    const int8_t* digits;   // row digits [plane][row][k]
    int64_t plane_pitch, row_pitch;
    int64_t count, quad_count;
    int32_t scale;
    bool first;             // whether the sums are to be overwritten
};

// Multiplies `Vectors` vectors of lanes with `Rows` rows.
template <typename Isa, int Rows, int Vectors>
void multiply(const Planes& planes, uint32_t* sums, int64_t sum_pitch) {
    using Vector = typename Isa::Vector;
    constexpr int kElements = sizeof(Vector) / 4;
    Vector sum[Rows][Vectors];
    MULSMITH_UNROLL
    for (int r = 0; r < Rows; ++r)
        MULSMITH_UNROLL
        for (int v = 0; v < Vectors; ++v) sum[r][v] = Isa::zero();
    for (int64_t plane = 0; plane < planes.count; ++plane) {
        const uint8_t* quads = planes.quads + plane * kPlaneBytes;
        const int8_t* digits = planes.digits + plane * planes.plane_pitch;
        for (int64_t q = 0; q < planes.quad_count; ++q) {
            Vector lanes[Vectors];
            MULSMITH_UNROLL
            for (int v = 0; v < Vectors; ++v) lanes[v] = Isa::load(quads + q * kQuadBytes + sizeof(Vector) * v);
            MULSMITH_UNROLL
            for (int r = 0; r < Rows; ++r) {
                int32_t four;
                __builtin_memcpy(&four, digits + r * planes.row_pitch + 4 * q, 4);
                const Vector row = Isa::set1(four);
                MULSMITH_UNROLL
                for (int v = 0; v < Vectors; ++v) sum[r][v] = Isa::dot(sum[r][v], lanes[v], row);
            }
        }
    }
    const auto each = [&](auto work) {
        MULSMITH_UNROLL
        for (int r = 0; r < Rows; ++r)
            MULSMITH_UNROLL
            for (int v = 0; v < Vectors; ++v) work(sum[r][v], sums + r * sum_pitch + kElements * v);
    };
    if (planes.scale != 1)
        each([factor = Isa::set1(planes.scale)](Vector& s, uint32_t*) { s = Isa::multiply(s, factor); });
    if (!planes.first) each([](Vector& s, uint32_t* to) { s = Isa::add(s, Isa::load(to)); });
    each([](Vector s, uint32_t* to) { Isa::store(to, s); });
}

template <typename Isa, int Vectors>
void multiply_rows(Planes planes, int64_t row_count, uint32_t* sums, int64_t sum_pitch) {
    for (int64_t row = 0; row < row_count;) {
        const int64_t left = row_count - row;
        // 7 and 8 rows left are split into 4 and the rest, because short groups leave the multipliers idle.
        const int64_t take = left > 8 || left == 6 ? 6 : left > 6 ? 4 : left;
        switch (take) {
            case 1: multiply<Isa, 1, Vectors>(planes, sums, sum_pitch); break;
            case 2: multiply<Isa, 2, Vectors>(planes, sums, sum_pitch); break;
            case 3: multiply<Isa, 3, Vectors>(planes, sums, sum_pitch); break;
            case 4: multiply<Isa, 4, Vectors>(planes, sums, sum_pitch); break;
            case 5: multiply<Isa, 5, Vectors>(planes, sums, sum_pitch); break;
            default: multiply<Isa, 6, Vectors>(planes, sums, sum_pitch); break;
        }
        planes.digits += take * planes.row_pitch;
        sums += take * sum_pitch;
        row += take;
    }
}

// Multiplies the first `lanes` lanes of a strip, as many vectors at a time as have their sums in registers.
template <typename Isa>
void multiply_strip(Planes planes, int64_t row_count, int64_t lanes, uint32_t* sums, int64_t sum_pitch) {
    constexpr int kVectors = Isa::kVectors;
    constexpr int64_t kElements = sizeof(typename Isa::Vector) / 4;
    for (int64_t lane = 0; lane < std::min(lanes, kStrip);) {
        const int64_t vectors = std::min<int64_t>(kVectors, (lanes - lane + kElements - 1) / kElements);
        switch (vectors) {
            case 1: multiply_rows<Isa, 1>(planes, row_count, sums, sum_pitch); break;
            case 2: multiply_rows<Isa, 2>(planes, row_count, sums, sum_pitch); break;
            case 3: multiply_rows<Isa, std::min(3, kVectors)>(planes, row_count, sums, sum_pitch); break;
            default: multiply_rows<Isa, kVectors>(planes, row_count, sums, sum_pitch); break;
        }
        lane += vectors * kElements;
        planes.quads += vectors * sizeof(typename Isa::Vector);
        sums += vectors * kElements;
    }
}

// Adds factor times the sums over k of a strip's digits.
template <typename Isa>
void add_lane_sums(const uint8_t* quads, int64_t k_count, int32_t factor, uint32_t* lane_sums) {
    using Vector = typename Isa::Vector;
    constexpr int kElements = sizeof(Vector) / 4;
    const Vector ones = Isa::set1(0x01010101);
    const Vector last_ones = Isa::set1(k_count % 4 == 0 ? 0x01010101 : ((1 << 8 * (k_count % 4)) - 1) / 255);
    for (int64_t lane = 0; lane < kStrip; lane += kElements, quads += sizeof(Vector), lane_sums += kElements) {
        Vector sum = Isa::zero();
        for (int64_t k = 0; k < k_count; k += 4)
            sum = Isa::dot(sum, Isa::load(quads + k / 4 * kQuadBytes), k + 4 <= k_count ? ones : last_ones);
        Isa::store(lane_sums, Isa::add(Isa::load(lane_sums), Isa::multiply(sum, Isa::set1(factor))));
    }
}

template <typename Isa>
void block(const Block& b) {
    const MulsmithTable& table = *b.table;
    uint8_t* codes = static_cast<uint8_t*>(b.scratch);
    uint8_t* quads = codes + kPlaneBytes;
    const int64_t quad_count = (b.k_count + 3) / 4;
    for (int64_t lane = 0; lane < b.lane_count; lane += kStrip) {
        if (b.first) std::fill(b.lane_sums + lane, b.lane_sums + lane + kStrip, 0);
        for (int64_t q = 0; q < quad_count; ++q)
            Isa::interleave(b.tile + 4 * q * b.tile_pitch + lane, b.tile_pitch, b.k_count - 4 * q,
                            codes + q * kQuadBytes);
        for (int64_t plane = 0; plane < table.lane_plane_count; ++plane) {
            uint8_t* digits = quads + plane * kPlaneBytes;
            Isa::expand(table.lane_digits + plane * kCodes, codes, quad_count * kQuadBytes, digits);
            if (table.lane_factors[plane] != 0)
                add_lane_sums<Isa>(digits, b.k_count, table.lane_factors[plane], b.lane_sums + lane);
        }
        for (int64_t plane = 0; plane < table.plane_count;) {
            int64_t end = plane + 1;
            while (end < table.plane_count && table.scales[end] == table.scales[plane]) ++end;
            const Planes planes = {quads + plane * kPlaneBytes, b.digits + plane * b.digit_plane_pitch,
                                   b.digit_plane_pitch, b.digit_pitch, end - plane, quad_count,
                                   table.scales[plane], b.first && plane == 0};
            multiply_strip<Isa>(planes, b.row_count, b.lane_count - lane, b.sums + lane, b.tile_pitch);
            plane = end;
        }
    }
}

template <typename Isa>
void row_digits(const MulsmithTable& table, const uint8_t* codes, int64_t count, int8_t* digits,
                int64_t plane_pitch) {
    for (int64_t plane = 0; plane < table.plane_count; ++plane) {
        const int8_t* entries = table.row_digits + plane * kCodes;
        int8_t* out = digits + plane * plane_pitch;
        const int64_t whole = count / sizeof(typename Isa::Vector) * sizeof(typename Isa::Vector);
        Isa::expand(reinterpret_cast<const uint8_t*>(entries), codes, whole, reinterpret_cast<uint8_t*>(out));
        for (int64_t i = whole; i < count; ++i) out[i] = entries[codes[i]];
    }
}

template <typename Isa>
constexpr Kernel kernel(const char* name, bool (*runs)()) {
    return Kernel{name, runs, true, kLanes, kDepth, kRows, 1, (1 + kMaxLanePlanes) * kPlaneBytes,
                  block<Isa>, nullptr, row_digits<Isa>, nullptr, false};
}

}  // namespace dot
}  // namespace
}  // namespace mulsmith
