#include "cgp_corrected.h"

#include <algorithm>
#include <numeric>

namespace mulsmith {
namespace {

// Rounding of a covariance; those of codes that differ are far apart.
constexpr double kSameCovariance = 1e-6;
constexpr double kRounding = 1e-9;

}  // namespace

CorrectedError::CorrectedError(const MulsmithCgpProblem& problem, const Kernel& kernel)
    : problem_(problem), kernel_(kernel), columns_(0), unit_(kernel.words) {
    if (!bounded()) return;
    const int64_t codes = problem.column_words * 64;
    columns_ = problem.words / problem.column_words;
    unit_ = std::max(kernel.words, problem.column_words);
    counts_.resize(2 * problem.layers * codes);
    moments_.resize(columns_ * problem.layers);
    spreads_.resize(columns_);
    ascending_.resize(columns_);
    std::iota(ascending_.begin(), ascending_.end(), 0);
    std::sort(ascending_.begin(), ascending_.end(),
              [&](int32_t one, int32_t other) { return problem.b_values[one] < problem.b_values[other]; });
    for (int64_t layer = 0; layer < problem.layers; ++layer) {
        double count = 0, sum = 0, square = 0;
        for (int64_t code = 0; code < codes; ++code) {
            const double n = problem.a_counts[layer * codes + code], value = problem.a_values[code];
            const int64_t place = 2 * layer * codes + code / 64 * 64 + unpacked(code % 64);
            counts_[place] = n;
            counts_[place + codes] = n * value;
            count += n;
            sum += n * value;
            square += n * value * value;
        }
        const double mean = sum / count;
        layers_.push_back({count, mean, square / count - mean * mean, {}});
        layers_.back().weights.resize(columns_);
    }
}

void CorrectedError::begin() {
    std::fill(moments_.begin(), moments_.end(), Moments{});
    total_ = 0;
}

bool CorrectedError::add(const Program& program, int64_t from, int64_t to, uint64_t* scratch) {
    for (int64_t at = from; at < to; at += unit_) {
        kernel_.moments(problem_, program, counts_.data(), at, at + unit_, scratch, moments_.data());
        const int64_t end = (at + unit_) / problem_.column_words;
        for (int64_t column = at / problem_.column_words; column < end; ++column)
            for (int64_t layer = 0; layer < problem_.layers; ++layer) {
                const std::vector<int32_t>& weights = layers_[layer].weights[column];
                if (weights.empty()) continue;
                const Spread code = spread(layer, column);
                for (const int32_t weight : weights)
                    total_ += problem_.b_shares[layer * columns_ + weight] * mean_square(layers_[layer], weight, code);
            }
        if (total_ > problem_.max_corrected) return false;
    }
    return true;
}

bool CorrectedError::remap(const Program& program, uint64_t* scratch) {
    begin();
    kernel_.moments(problem_, program, counts_.data(), 0, problem_.words, scratch, moments_.data());
    for (int64_t layer = 0; layer < problem_.layers; ++layer) choose(layer);
    // Offspring were admitted by the maps of their parent, with other roundings.
    return total_ <= problem_.max_corrected * (1 + kRounding);
}

// A weight's mean square is its own square's share plus a line in the weight for every code: the best codes are
// the lower envelope of these lines.
void CorrectedError::choose(int64_t layer) {
    Layer& own = layers_[layer];
    for (int64_t column = 0; column < columns_; ++column) {
        own.weights[column].clear();
        spreads_[column] = spread(layer, column);
    }
    std::vector<int32_t> lines(ascending_);
    std::stable_sort(lines.begin(), lines.end(), [&](int32_t one, int32_t other) {
        const Spread &x = spreads_[one], &y = spreads_[other];
        return x.covariance < y.covariance || (x.covariance == y.covariance && x.variance < y.variance);
    });
    hull_.clear();
    for (const int32_t line : lines) {
        const Spread& last = spreads_[line];
        if (!hull_.empty() && last.covariance - spreads_[hull_.back()].covariance < kSameCovariance) {
            if (last.variance >= spreads_[hull_.back()].variance) continue;
            hull_.pop_back();
        }
        while (hull_.size() > 1) {
            const Spread &first = spreads_[hull_[hull_.size() - 2]], &middle = spreads_[hull_.back()];
            if ((last.variance - first.variance) * (middle.covariance - first.covariance) >
                (middle.variance - first.variance) * (last.covariance - first.covariance))
                break;
            hull_.pop_back();
        }
        hull_.push_back(line);
    }
    std::size_t best = 0;
    for (const int32_t weight : ascending_) {
        while (best + 1 < hull_.size() && mean_square(own, weight, spreads_[hull_[best + 1]]) <
                                              mean_square(own, weight, spreads_[hull_[best]]))
            ++best;
        const double share = problem_.b_shares[layer * columns_ + weight];
        if (share == 0) continue;
        total_ += share * mean_square(own, weight, spreads_[hull_[best]]);
        own.weights[hull_[best]].push_back(weight);
    }
}

CorrectedError::Spread CorrectedError::spread(int64_t layer, int64_t column) const {
    const Layer& own = layers_[layer];
    const Moments& sums = moments_[column * problem_.layers + layer];
    const double mean = sums.result / own.count;
    return {sums.product / own.count - own.mean_a * mean, sums.square / own.count - mean * mean};
}

double CorrectedError::mean_square(const Layer& layer, int64_t weight, const Spread& code) const {
    const double w = problem_.b_values[weight];
    return w * w * layer.variance_a - 2 * w * code.covariance + code.variance;
}

}  // namespace mulsmith
