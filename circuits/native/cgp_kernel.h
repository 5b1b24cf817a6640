// Bit-sliced evaluation for one vector width; every instruction set includes this file in an object of its own.
#pragma once

#include <cstring>

#include "cgp_program.h"

namespace mulsmith {
namespace {

typedef uint64_t V __attribute__((vector_size(MULSMITH_CGP_BYTES), may_alias));
constexpr int kLanes = MULSMITH_CGP_BYTES / 8;
constexpr int kVectors = MULSMITH_CGP_VECTORS;   // vectors per block
constexpr int kWords = kLanes * kVectors;

inline V ones_per_word(V x) {
#if defined(MULSMITH_CGP_POPCOUNT)
    return MULSMITH_CGP_POPCOUNT(x);
#else
    V count;
    for (int lane = 0; lane < kLanes; ++lane) count[lane] = __builtin_popcountll(x[lane]);
    return count;
#endif
}

inline int64_t sum(V x) {
    int64_t total = 0;
    for (int lane = 0; lane < kLanes; ++lane) total += x[lane];
    return total;
}

inline bool any(V x) {
    uint64_t bits = 0;
    for (int lane = 0; lane < kLanes; ++lane) bits |= x[lane];
    return bits != 0;
}

template <class F>
inline void each(F step) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) step(v);
}

void simulate(const Program& program, V (*value)[kVectors]) {
    for (const Instruction& gate : program.code) {
        const V* a = value[gate.in[0]];
        const V* b = value[gate.in[1]];
        const V* c = value[gate.in[2]];
        V* first = value[gate.out[0]];
        V* second = value[gate.out[1]];
        switch (gate.op) {
            case kNot: each([&](int v) { first[v] = ~a[v]; }); break;
            case kAnd: each([&](int v) { first[v] = a[v] & b[v]; }); break;
            case kOr: each([&](int v) { first[v] = a[v] | b[v]; }); break;
            case kXor: each([&](int v) { first[v] = a[v] ^ b[v]; }); break;
            case kNand: each([&](int v) { first[v] = ~(a[v] & b[v]); }); break;
            case kNor: each([&](int v) { first[v] = ~(a[v] | b[v]); }); break;
            case kXnor: each([&](int v) { first[v] = ~(a[v] ^ b[v]); }); break;
            case kMux: each([&](int v) { first[v] = (b[v] & ~a[v]) | (c[v] & a[v]); }); break;
            case kNand3: each([&](int v) { first[v] = ~(a[v] & b[v] & c[v]); }); break;
            case kNor3: each([&](int v) { first[v] = ~(a[v] | b[v] | c[v]); }); break;
            case kAndOrInvert: each([&](int v) { first[v] = ~((a[v] & b[v]) | c[v]); }); break;
            case kOrAndInvert: each([&](int v) { first[v] = ~((a[v] | b[v]) & c[v]); }); break;
            case kHalfAdder:
                each([&](int v) {
                    const V x = a[v], y = b[v];
                    first[v] = x ^ y;
                    second[v] = x & y;
                });
                break;
            default:
                each([&](int v) {
                    const V x = a[v], y = b[v], z = c[v];
                    first[v] = x ^ y ^ z;
                    second[v] = (x & y) | (x & z) | (y & z);
                });
        }
    }
}

void load(const uint64_t* planes, int64_t words, int32_t input_bits, int64_t at, V (*value)[kVectors]) {
    for (int v = 0; v < kVectors; ++v) {
        value[0][v] = V{};
        value[1][v] = ~V{};
    }
    for (int32_t bit = 0; bit < input_bits; ++bit) std::memcpy(value[2 + bit], planes + bit * words + at, sizeof *value);
}

// Bit-sliced error = result - exact of one vector: magnitude[k] ^ negative, so that
// |error| = sum_k 2^k magnitude[k] + negative.
struct ErrorBits {
    V magnitude[kMaxOutputs];
    V negative, wrong;
};

inline void subtract(const MulsmithCgpProblem& problem, const Program& program, V (*value)[kVectors], int v,
                     int64_t at, ErrorBits& error) {
    const int bits = problem.output_bits;
    V borrow = V{}, x = V{}, y = V{};
    error.wrong = V{};
    for (int k = 0; k < bits; ++k) {
        x = value[program.outputs[k]][v];
        std::memcpy(&y, problem.exact + k * problem.words + at, sizeof y);
        const V differ = x ^ y;
        error.magnitude[k] = differ ^ borrow;
        borrow = (~x & y) | (~differ & borrow);
        error.wrong |= differ;
    }
    error.negative = problem.is_signed ? x ^ y ^ borrow : borrow;
    for (int k = 0; k < bits; ++k) error.magnitude[k] ^= error.negative;
}

inline bool exceeds(const ErrorBits& error, int bits, int64_t bound) {
    if (bound >> bits) return false;
    V greater = V{}, equal = ~V{};
    for (int k = bits - 1; k >= 0; --k) {
        if (bound >> k & 1) {
            equal &= error.magnitude[k];
        } else {
            greater |= equal & error.magnitude[k];
            equal &= ~error.magnitude[k];
        }
    }
    return any(greater | (equal & error.negative));
}

void add_weighted(const MulsmithCgpProblem& problem, const ErrorBits& error, int64_t at, uint64_t* totals) {
    for (int lane = 0; lane < kLanes; ++lane) {
        if (error.wrong[lane] == 0) continue;
        uint64_t magnitude[64];
        for (int pair = 0; pair < 64; ++pair) magnitude[pair] = error.negative[lane] >> pair & 1;
        for (int k = 0; k < problem.output_bits; ++k) {
            const uint64_t plane = error.magnitude[k][lane];
            for (int pair = 0; pair < 64; ++pair) magnitude[pair] += (plane >> pair & 1) << k;
        }
        for (int64_t set = 0; set < problem.weight_count; ++set) {
            const uint32_t* weight = problem.weights + (set * problem.words + at + lane) * 64;
            if (problem.squared[set]) {
                // One block adds less than 2^63; a sum above its bound ends the evaluation.
                for (int pair = 0; pair < 64; ++pair) totals[set] += weight[pair] * (magnitude[pair] * magnitude[pair]);
            } else {
                for (int pair = 0; pair < 64; ++pair) totals[set] += weight[pair] * magnitude[pair];
            }
        }
    }
}

bool errors(const MulsmithCgpProblem& problem, const Program& program, int64_t from, int64_t to, uint64_t* scratch,
            ErrorSums& sums) {
    V(*value)[kVectors] = reinterpret_cast<V(*)[kVectors]>(scratch);
    const int bits = problem.output_bits;
    for (int64_t block = from; block < to; block += kWords) {
        load(problem.inputs, problem.words, problem.input_bits, block, value);
        simulate(program, value);
        V counts[kMaxOutputs] = {}, negatives = V{}, wrong = V{}, signed_counts[kMaxOutputs] = {};
        for (int v = 0; v < kVectors; ++v) {
            const int64_t at = block + v * kLanes;
            ErrorBits error;
            subtract(problem, program, value, v, at, error);
            if (problem.must) {
                V must;
                std::memcpy(&must, problem.must + at, sizeof must);
                if (any(must & error.wrong)) return false;
            }
            if (problem.max_abs >= 0 && exceeds(error, bits, problem.max_abs)) return false;
            for (int k = 0; k < bits; ++k) counts[k] += ones_per_word(error.magnitude[k]);
            negatives += ones_per_word(error.negative);
            wrong += ones_per_word(error.wrong);
            if (problem.max_bias_sum >= 0)
                for (int k = 0; k < bits; ++k) signed_counts[k] += ones_per_word(error.magnitude[k] & error.negative);
            if (problem.weight_count) add_weighted(problem, error, at, sums.weighted);
        }
        const int64_t below = sum(negatives);
        int64_t magnitude = below, negative = below;
        for (int k = 0; k < bits; ++k) {
            magnitude += sum(counts[k]) << k;
            negative += sum(signed_counts[k]) << k;
        }
        sums.absolute += magnitude;
        sums.bias += magnitude - 2 * negative;
        sums.wrong += sum(wrong);
        if (problem.max_abs_sum >= 0 && sums.absolute > problem.max_abs_sum) return false;
        if (problem.max_wrong >= 0 && sums.wrong > problem.max_wrong) return false;
        for (int64_t set = 0; set < problem.weight_count; ++set)
            if (sums.weighted[set] > problem.weight_bounds[set]) return false;
    }
    return true;
}

// Transposes the 8x8 bits that the same byte of eight planes holds: afterwards byte i of plane j is the number
// that the planes hold for pair 8 * i + j of its word.
inline void transpose(V* plane) {
    constexpr uint64_t kMasks[] = {0x5555555555555555, 0x3333333333333333, 0x0f0f0f0f0f0f0f0f};
    for (int step = 0; step < 3; ++step) {
        const int distance = 1 << step;
        for (int k = 0; k < 8; ++k) {
            if (k & distance) continue;
            const V swapped = ((plane[k] >> distance) ^ plane[k + distance]) & kMasks[step];
            plane[k + distance] ^= swapped;
            plane[k] ^= swapped << distance;
        }
    }
}

// Writes the results of one vector of pairs as numbers, each word in the order of `unpacked`.
inline void unpack(const MulsmithCgpProblem& problem, const Program& program, V (*value)[kVectors], int v,
                   double* numbers) {
    const int bits = problem.output_bits, groups = (bits + 7) / 8;
    V planes[3][8];
    for (int k = 0; k < 24; ++k)
        planes[k / 8][k % 8] = k < bits            ? value[program.outputs[k]][v]
                               : problem.is_signed ? value[program.outputs[bits - 1]][v]
                                                   : V{};
    for (int group = 0; group < groups; ++group) transpose(planes[group]);
    uint8_t bytes[3][8][sizeof(V)];
    std::memcpy(bytes, planes, sizeof bytes);
    const int extend = problem.is_signed ? 32 - 8 * groups : 0;
    for (int lane = 0; lane < kLanes; ++lane)
        for (int j = 0; j < 8; ++j)
            for (int i = 0; i < 8; ++i) {
                uint32_t number = 0;
                for (int group = 0; group < groups; ++group)
                    number |= static_cast<uint32_t>(bytes[group][j][8 * lane + i]) << 8 * group;
                numbers[64 * lane + 8 * j + i] = static_cast<int32_t>(number << extend) >> extend;
            }
}

typedef double D __attribute__((vector_size(MULSMITH_CGP_BYTES), may_alias));

inline double sum(D x) {
    double total = 0;
    for (int lane = 0; lane < kLanes; ++lane) total += x[lane];
    return total;
}

void moments(const MulsmithCgpProblem& problem, const Program& program, const double* counts, int64_t from, int64_t to,
             uint64_t* scratch, Moments* sums) {
    V(*value)[kVectors] = reinterpret_cast<V(*)[kVectors]>(scratch);
    const int64_t codes = problem.column_words * 64;
    const int64_t run = problem.column_words < kLanes ? codes : kLanes * 64;  // pairs of one column in a vector
    alignas(64) double numbers[kLanes * 64];
    for (int64_t block = from; block < to; block += kWords) {
        load(problem.inputs, problem.words, problem.input_bits, block, value);
        simulate(program, value);
        for (int v = 0; v < kVectors; ++v) {
            unpack(problem, program, value, v, numbers);
            const int64_t first = (block + v * kLanes) * 64;
            for (int64_t at = 0; at < kLanes * 64; at += run) {
                Moments* column = sums + (first + at) / codes * problem.layers;
                for (int64_t layer = 0; layer < problem.layers; ++layer) {
                    const double* count = counts + 2 * layer * codes + (first + at) % codes;
                    D result = D{}, product = D{}, square = D{};
                    for (int64_t pair = 0; pair < run; pair += kLanes) {
                        D x, n, nv;
                        std::memcpy(&x, numbers + at + pair, sizeof x);
                        std::memcpy(&n, count + pair, sizeof n);
                        std::memcpy(&nv, count + codes + pair, sizeof nv);
                        const D weighted = n * x;
                        result += weighted;
                        product += nv * x;
                        square += weighted * x;
                    }
                    column[layer].result += sum(result);
                    column[layer].product += sum(product);
                    column[layer].square += sum(square);
                }
            }
        }
    }
}

void toggles(const MulsmithCgpProblem& problem, const Program& program, uint64_t* scratch, int64_t* counts) {
    V(*before)[kVectors] = reinterpret_cast<V(*)[kVectors]>(scratch);
    V(*after)[kVectors] = before + program.slots;
    std::memset(counts, 0, program.slots * sizeof *counts);
    for (int64_t block = 0; block < problem.pair_words; block += kWords) {
        load(problem.before, problem.pair_words, problem.input_bits, block, before);
        load(problem.after, problem.pair_words, problem.input_bits, block, after);
        simulate(program, before);
        simulate(program, after);
        const auto count = [&](int32_t slot) {
            V changes = V{};
            for (int v = 0; v < kVectors; ++v) changes += ones_per_word(before[slot][v] ^ after[slot][v]);
            counts[slot] += sum(changes);
        };
        for (int32_t slot = 2; slot < 2 + problem.input_bits; ++slot) count(slot);
        for (const Instruction& gate : program.code) {
            count(gate.out[0]);
            if (gate.op >= kHalfAdder) count(gate.out[1]);
        }
    }
}

}  // namespace
}  // namespace mulsmith
