// The active part of a genome as a list of instructions, and what an evaluation kernel looks like to the driver.
#pragma once

#include <cstdint>
#include <vector>

#include "cgp_abi.h"

namespace mulsmith {

constexpr int kMaxOutputs = 24;
constexpr int kMaxWeights = 4;

struct ErrorSums {
    int64_t absolute, wrong, bias;
    uint64_t weighted[kMaxWeights];
};

struct Instruction {
    int32_t op;
    int32_t in[3];   // slots
    int32_t out[2];  // slots; an unused result has a slot too
};

// Slots: constants and inputs as nets, then the results of the instructions.
struct Program {
    std::vector<Instruction> code;
    std::vector<int32_t> outputs;
    int32_t slots;
};

// Sums over the codes of A in one column and layer; integers, so that their order does not matter.
struct Moments {
    double result, product, square;  // of count * result, count * value of A * result, count * result^2
};

struct Kernel {
    const char* name;
    bool (*runs)();
    int64_t words;   // words per block: the operand pairs of a problem fill whole blocks
    // Simulates the operand pairs of words `from` to `to`, whole blocks, and adds up their errors; false as soon
    // as a bound is exceeded. `scratch` holds `slots` blocks.
    bool (*errors)(const MulsmithCgpProblem&, const Program&, int64_t from, int64_t to, uint64_t* scratch,
                   ErrorSums&);
    // Adds the moments of the columns in words `from` to `to`, whole blocks, to `moments`, [columns][layers].
    // `counts` holds [layers][2][codes of A]: counts, then counts * values, each word in the order of `unpacked`.
    void (*moments)(const MulsmithCgpProblem&, const Program&, const double* counts, int64_t from, int64_t to,
                    uint64_t* scratch, Moments* moments);
    // Writes how often every slot changes between `before` and `after`; `scratch` holds twice `slots` blocks.
    void (*toggles)(const MulsmithCgpProblem&, const Program&, uint64_t* scratch, int64_t* counts);
};

// Where a kernel puts pair `pair` of a word when it turns bit planes into numbers.
constexpr int unpacked(int pair) { return pair % 8 * 8 + pair / 8; }

extern const Kernel cgp_base;
extern const Kernel cgp_avx2;
extern const Kernel cgp_avx512;

}  // namespace mulsmith
