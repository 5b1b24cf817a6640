// The C interface between Python (circuits/cgp_library.py mirrors these structures) and the CGP engine.
//
// Nets: 0 and 1 are the constants, then the bits of A and of B, least significant first; node i drives the nets
// first + 2 * i and first + 2 * i + 1, which are the same net unless the node is an adder (sum, carry).
#pragma once

#include <cstdint>

#define MULSMITH_API __attribute__((visibility("default")))

extern "C" {

enum MulsmithCgpOp : int32_t {
    kNot, kAnd, kOr, kXor, kNand, kNor, kXnor, kMux, kNand3, kNor3, kAndOrInvert, kOrAndInvert, kHalfAdder,
    kFullAdder, kOpCount
};

// What a circuit shall compute, which errors it may make, and what it costs. Words hold one bit for each of 64
// operand pairs; the pairs stand in an order in which every early block is a fair sample.
struct MulsmithCgpProblem {
    int32_t input_bits, output_bits, is_signed;
    int64_t words;               // operand pairs / 64
    const uint64_t* inputs;      // [input_bits][words]
    const uint64_t* exact;       // [output_bits][words]
    const uint64_t* must;        // [words]: 1 where the result has to be exact; may be null
    int64_t weight_count;
    const uint32_t* weights;     // [weight_count][words * 64], per operand pair
    const uint64_t* weight_bounds;  // [weight_count]: largest sum of weight * |error|, or of weight * error^2
    const uint8_t* squared;      // [weight_count]: 1 where errors are squared
    int64_t max_abs_sum, max_abs, max_wrong, max_bias_sum;  // bounds over all pairs; negative: none
    // Bound on the error that weight map and bias correction leave (cgp_corrected.h). With layers, the pairs stand
    // in columns: all codes of A in their order for one code of B, then for the next.
    int64_t layers;              // 0: no such bound
    int64_t column_words;        // words of a column
    const double* a_counts;      // [layers][column_words * 64]: integers; the sum of products with squared
                                 // results stays below 2^53
    const double* a_values;      // [column_words * 64]
    const double* b_shares;      // [layers][columns]: of the multiplications
    const double* b_values;      // [columns]
    double max_corrected;        // largest mean square
    int64_t pair_words;
    const uint64_t* before;      // [input_bits][pair_words]: pairs of successive inputs for the power estimate
    const uint64_t* after;
    const int64_t* area;         // [op][results used: bit 0 first, bit 1 second]
    const int64_t* result_energy;  // [op][2]: per toggle of a result
    const int64_t* pin_load;     // [op][3]: per toggle of the gate that drives the pin; inputs drive for nothing
    const int64_t* pin_energy;   // [op][3]: per toggle of the pin, whatever drives it
    int64_t area_weight, power_weight;
};

struct MulsmithCgpTotals {
    int64_t area, power, cost;
    int64_t abs_sum, wrong, bias_sum;
};

// A run between two calls; saved and restored, it continues identically.
struct MulsmithCgpState {
    int64_t node_count;
    int32_t* nodes;              // [node_count][4]: op, inputs
    int32_t* outputs;            // [output_bits]: nets
    uint64_t random[4];
    int64_t generations, offspring, neutral, costlier, simulated, infeasible, accepted, improved;
    MulsmithCgpTotals totals;
};

MULSMITH_API int32_t mulsmith_cgp_abi(void);

MULSMITH_API int32_t mulsmith_cgp_kernel_count(void);
MULSMITH_API const char* mulsmith_cgp_kernel_name(int32_t index);
MULSMITH_API int32_t mulsmith_cgp_kernel_runs(int32_t index, int64_t words);

// Fills state->totals. Returns 0; 1: the kernel does not run here; 2: a bound is exceeded; 3: out of memory.
MULSMITH_API int32_t mulsmith_cgp_measure(const MulsmithCgpProblem* problem, MulsmithCgpState* state, int32_t kernel);

// Runs (1 + lambda) generations with neutral drift, up to `mutations` mutations per offspring.
// Returns as mulsmith_cgp_measure does, 2 where the state itself exceeds a bound.
MULSMITH_API int32_t mulsmith_cgp_run(const MulsmithCgpProblem* problem, MulsmithCgpState* state, int32_t kernel,
                         int64_t generations, int32_t lambda, int32_t mutations);
}
