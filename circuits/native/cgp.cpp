// The (1 + lambda) search: mutation, cost, acceptance. Evaluation is in the kernels.
#include <algorithm>
#include <cstddef>
#include <new>
#include <utility>

#include "cgp_corrected.h"
#include "cgp_program.h"

namespace mulsmith {
namespace {

const Kernel* const kKernels[] = {
#if defined(__x86_64__)
    &cgp_avx512, &cgp_avx2,
#endif
    &cgp_base,
};
constexpr int32_t kKernelCount = sizeof kKernels / sizeof *kKernels;
constexpr int kFanIn[kOpCount] = {1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 2, 3};

constexpr int64_t kSampleShare = 16;
constexpr uint32_t kSwapOneIn = 2;   // mutations

enum Status { kOk, kNoKernel, kInfeasible, kNoMemory };

// xoshiro256** (D. Blackman, S. Vigna, ACM TOMS 2021).
uint64_t next_random(uint64_t* s) {
    const auto rotate = [](uint64_t x, int by) { return (x << by) | (x >> (64 - by)); };
    const uint64_t result = rotate(s[1] * 5, 7) * 9, shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 45);
    return result;
}

// A number below `range`, by multiplication; the bias is below 2^-32 * range.
uint32_t below(uint64_t* random, uint32_t range) {
    return static_cast<uint32_t>((next_random(random) >> 32) * range >> 32);
}

struct Change {
    int32_t* gene;
    int32_t value;
};

class Search {
  public:
    Search(const MulsmithCgpProblem& problem, MulsmithCgpState& state, const Kernel& kernel)
        : problem_(problem), state_(state), kernel_(kernel), first_(2 + problem.input_bits),
          nets_(first_ + 2 * state.node_count), used_(nets_), slot_(nets_), counts_(nets_ + 2),
          parent_used_(nets_), memory_(2 * (nets_ + 2) * kernel.words + 8), corrected_(problem, kernel) {
        const auto address = reinterpret_cast<uintptr_t>(memory_.data());
        scratch_ = memory_.data() + (64 - address % 64) % 64 / 8;
        program_.code.reserve(state.node_count);
        program_.outputs.resize(problem.output_bits);
    }

    bool measure(MulsmithCgpTotals& totals) {
        compile(totals);
        add_power(totals);
        ErrorSums sums{};
        return errors(0, problem_.words, sums) && bias_fits(sums, totals) && remap();
    }

    void generation(int32_t lambda, int32_t mutations) {
        std::vector<Change> changes;
        best_.clear();
        bool found = false, found_active = false;
        MulsmithCgpTotals best{};
        for (int32_t child = 0; child < lambda; ++child) {
            changes.clear();
            const bool active = mutate(mutations, changes);
            MulsmithCgpTotals totals = state_.totals;
            ++state_.offspring;
            if (!active) ++state_.neutral;
            const bool admitted = !active || feasible(totals);
            if (admitted && (!found || totals.cost <= best.cost)) {
                found = true;
                found_active = active;
                best = totals;
                best_.clear();
                for (const Change& change : changes) best_.push_back({change.gene, *change.gene});
            }
            for (std::size_t at = changes.size(); at-- > 0;) *changes[at].gene = changes[at].value;
        }
        if (found) {
            ++state_.accepted;
            state_.improved += best.cost < state_.totals.cost;
            state_.totals = best;
            for (const Change& change : best_) *change.gene = change.value;
            mark(parent_used_);
            if (found_active && corrected_.bounded()) {
                MulsmithCgpTotals same{};
                compile(same);
                remap();
            }
        }
        ++state_.generations;
    }

    void begin() { mark(parent_used_); }

  private:
    int32_t* node(int64_t index) { return state_.nodes + 4 * index; }

    // The second result of a gate that has one is that one.
    int32_t resolve(int32_t net) {
        if (net < first_) return net;
        const int64_t index = (net - first_) / 2;
        return node(index)[0] >= kHalfAdder ? net : first_ + 2 * index;
    }

    void mark(std::vector<uint8_t>& used) {
        std::fill(used.begin(), used.end(), 0);
        for (int k = 0; k < problem_.output_bits; ++k) used[resolve(state_.outputs[k])] = 1;
        for (int64_t index = state_.node_count; index-- > 0;) {
            const int64_t net = first_ + 2 * index;
            if (!(used[net] | used[net + 1])) continue;
            const int32_t* gene = node(index);
            for (int pin = 0; pin < kFanIn[gene[0]]; ++pin) used[resolve(gene[1 + pin])] = 1;
        }
    }

    void compile(MulsmithCgpTotals& totals) {
        mark(used_);
        program_.code.clear();
        for (int32_t net = 0; net < first_; ++net) slot_[net] = net;
        int32_t slots = first_;
        totals.area = 0;
        for (int64_t index = 0; index < state_.node_count; ++index) {
            const int64_t net = first_ + 2 * index;
            const int results = used_[net] | used_[net + 1] << 1;
            if (!results) continue;
            const int32_t* gene = node(index);
            Instruction gate{gene[0], {0, 0, 0}, {slots, slots + 1}};
            for (int pin = 0; pin < kFanIn[gene[0]]; ++pin) gate.in[pin] = slot_[resolve(gene[1 + pin])];
            slot_[net] = slots;
            slot_[net + 1] = slots + 1;
            slots += gene[0] >= kHalfAdder ? 2 : 1;
            totals.area += problem_.area[gene[0] * 4 + results];
            program_.code.push_back(gate);
        }
        for (int k = 0; k < problem_.output_bits; ++k) program_.outputs[k] = slot_[resolve(state_.outputs[k])];
        // One slot more: the unused second result of the last instruction.
        program_.slots = slots + 1;
        totals.power = 0;
        totals.cost = problem_.area_weight * totals.area;
    }

    void add_power(MulsmithCgpTotals& totals) {
        if (problem_.pair_words == 0) return;
        kernel_.toggles(problem_, program_, scratch_, counts_.data());
        for (const Instruction& gate : program_.code) {
            for (int pin = 0; pin < kFanIn[gate.op]; ++pin) {
                const int64_t load = gate.in[pin] < first_ ? 0 : problem_.pin_load[gate.op * 3 + pin];
                totals.power += counts_[gate.in[pin]] * (load + problem_.pin_energy[gate.op * 3 + pin]);
            }
            totals.power += counts_[gate.out[0]] * problem_.result_energy[gate.op * 2];
            if (gate.op >= kHalfAdder)
                totals.power += counts_[gate.out[1]] * problem_.result_energy[gate.op * 2 + 1];
        }
        totals.cost += problem_.power_weight * totals.power;
    }

    // Whether the mutated genome costs no more than its parent and keeps every bound.
    bool feasible(MulsmithCgpTotals& totals) {
        compile(totals);
        if (totals.cost > state_.totals.cost) {
            ++state_.costlier;
            return false;
        }
        // A few pairs uncover most bad offspring; they cost less than the power estimate.
        ++state_.simulated;
        const int64_t unit = corrected_.unit(), sample = problem_.words / kSampleShare / unit * unit;
        ErrorSums sums{};
        corrected_.begin();
        if (errors(0, sample, sums) && corrected_fits(0, sample)) {
            add_power(totals);
            if (totals.cost > state_.totals.cost) {
                ++state_.costlier;
                return false;
            }
            if (corrected_fits(sample, problem_.words) && errors(sample, problem_.words, sums) &&
                bias_fits(sums, totals))
                return true;
        }
        ++state_.infeasible;
        return false;
    }

    bool errors(int64_t from, int64_t to, ErrorSums& sums) {
        return kernel_.errors(problem_, program_, from, to, scratch_, sums);
    }

    bool corrected_fits(int64_t from, int64_t to) {
        return !corrected_.bounded() || corrected_.add(program_, from, to, scratch_);
    }

    // Fits the weight maps to the compiled circuit; offspring are judged by those of their parent.
    bool remap() {
        return !corrected_.bounded() || corrected_.remap(program_, scratch_);
    }

    // Copies the sums over all pairs; the mean error has its bound on them alone.
    bool bias_fits(const ErrorSums& sums, MulsmithCgpTotals& totals) {
        totals.abs_sum = sums.absolute;
        totals.wrong = sums.wrong;
        totals.bias_sum = sums.bias;
        const int64_t bias = sums.bias < 0 ? -sums.bias : sums.bias;
        return problem_.max_bias_sum < 0 || bias <= problem_.max_bias_sum;
    }

    // Changes 1 to `mutations` genes, remembers their old values; returns whether an active gene changed.
    bool mutate(int32_t mutations, std::vector<Change>& changes) {
        bool active = false;
        const int32_t genes = static_cast<int32_t>(4 * state_.node_count + problem_.output_bits);
        const int32_t count = 1 + below(state_.random, mutations);
        for (int32_t change = 0; change < count; ++change) {
            if (below(state_.random, kSwapOneIn) == 0) {
                active |= swap(changes);
                continue;
            }
            const int32_t place = below(state_.random, genes);
            if (place >= 4 * state_.node_count) {
                int32_t* gene = state_.outputs + (place - 4 * state_.node_count);
                const int32_t value = static_cast<int32_t>(below(state_.random, nets_));
                active |= value != *gene;
                changes.push_back({gene, *gene});
                *gene = value;
                continue;
            }
            const int64_t index = place / 4;
            int32_t* gene = node(index) + place % 4;
            const int64_t net = first_ + 2 * index;
            const int32_t value = place % 4 == 0 ? static_cast<int32_t>(below(state_.random, kOpCount))
                                                 : static_cast<int32_t>(below(state_.random, net));
            const bool read = place % 4 <= kFanIn[node(index)[0]] || place % 4 == 0;
            active |= value != *gene && read && (parent_used_[net] | parent_used_[net + 1]);
            changes.push_back({gene, *gene});
            *gene = value;
        }
        return active;
    }

    // Exchanges the nets at two pins, which keeps the sum of a column of adders; returns whether both are active.
    bool swap(std::vector<Change>& changes) {
        int32_t* gene[2];
        int64_t net[2];
        bool active = true;
        for (int side = 0; side < 2; ++side) {
            const int64_t index = below(state_.random, static_cast<uint32_t>(state_.node_count));
            const int pin = below(state_.random, kFanIn[node(index)[0]]);
            gene[side] = node(index) + 1 + pin;
            net[side] = first_ + 2 * index;
            active &= (parent_used_[net[side]] | parent_used_[net[side] + 1]) != 0;
        }
        if (!active || *gene[0] >= net[1] || *gene[1] >= net[0]) return false;
        for (int32_t* one : gene) changes.push_back({one, *one});
        std::swap(*gene[0], *gene[1]);
        return *gene[0] != *gene[1];
    }

    const MulsmithCgpProblem& problem_;
    MulsmithCgpState& state_;
    const Kernel& kernel_;
    int32_t first_;
    int64_t nets_;
    std::vector<uint8_t> used_;
    std::vector<int32_t> slot_;
    std::vector<int64_t> counts_;
    std::vector<uint8_t> parent_used_;
    std::vector<uint64_t> memory_;
    uint64_t* scratch_;
    Program program_;
    std::vector<Change> best_;
    CorrectedError corrected_;
};

bool usable(int32_t kernel, int64_t words) {
    return kernel >= 0 && kernel < kKernelCount && words % kKernels[kernel]->words == 0 && kKernels[kernel]->runs();
}

template <class F>
int32_t guarded(const MulsmithCgpProblem* problem, MulsmithCgpState* state, int32_t kernel, F step) {
    if (!usable(kernel, problem->words) || problem->pair_words % kKernels[kernel]->words != 0) return kNoKernel;
    try {
        Search search(*problem, *state, *kKernels[kernel]);
        return step(search);
    } catch (const std::bad_alloc&) {
        return kNoMemory;
    }
}

}  // namespace
}  // namespace mulsmith

using mulsmith::kKernelCount;
using mulsmith::kKernels;

extern "C" {

int32_t mulsmith_cgp_abi(void) { return 4; }

int32_t mulsmith_cgp_kernel_count(void) { return kKernelCount; }

const char* mulsmith_cgp_kernel_name(int32_t index) { return kKernels[index]->name; }

int32_t mulsmith_cgp_kernel_runs(int32_t index, int64_t words) { return mulsmith::usable(index, words); }

int32_t mulsmith_cgp_measure(const MulsmithCgpProblem* problem, MulsmithCgpState* state, int32_t kernel) {
    return mulsmith::guarded(problem, state, kernel, [&](mulsmith::Search& search) {
        return search.measure(state->totals) ? mulsmith::kOk : mulsmith::kInfeasible;
    });
}

int32_t mulsmith_cgp_run(const MulsmithCgpProblem* problem, MulsmithCgpState* state, int32_t kernel,
                         int64_t generations, int32_t lambda, int32_t mutations) {
    return mulsmith::guarded(problem, state, kernel, [&](mulsmith::Search& search) {
        if (!search.measure(state->totals)) return mulsmith::kInfeasible;
        search.begin();
        for (int64_t generation = 0; generation < generations; ++generation) search.generation(lambda, mutations);
        return mulsmith::kOk;
    });
}
}
