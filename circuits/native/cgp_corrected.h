// The error that weight map and bias correction leave: within a layer every weight goes through the code of B whose
// results are, up to a constant, closest to its products; the constant (a sum's mean) is taken out afterwards.
#pragma once

#include <vector>

#include "cgp_program.h"

namespace mulsmith {

// The mean square of that error, column by column, for weight maps that are kept until the next `remap`.
class CorrectedError {
  public:
    CorrectedError(const MulsmithCgpProblem& problem, const Kernel& kernel);

    bool bounded() const { return problem_.layers > 0; }

    // Words that hold whole columns and whole blocks.
    int64_t unit() const { return unit_; }

    // Forgets all columns.
    void begin();

    // Adds the columns of words `from` to `to`, whole units; false as soon as the bound is exceeded.
    bool add(const Program& program, int64_t from, int64_t to, uint64_t* scratch);

    // Chooses the best weight maps for a circuit; false where the bound is exceeded even so.
    bool remap(const Program& program, uint64_t* scratch);

  private:
    struct Layer {
        double count, mean_a, variance_a;
        std::vector<std::vector<int32_t>> weights;  // [column]: the weights that go through it
    };

    // How the results of a column vary over A: their covariance with A, and their variance.
    struct Spread {
        double covariance, variance;
    };

    Spread spread(int64_t layer, int64_t column) const;
    double mean_square(const Layer& layer, int64_t weight, const Spread& code) const;
    void choose(int64_t layer);

    const MulsmithCgpProblem& problem_;
    const Kernel& kernel_;
    int64_t columns_, unit_;
    std::vector<double> counts_;      // [layers][2][codes of A], see Kernel::moments
    std::vector<Layer> layers_;
    std::vector<Moments> moments_;    // [columns][layers]
    std::vector<int32_t> ascending_;  // columns by the value of B
    std::vector<Spread> spreads_;     // [columns]
    std::vector<int32_t> hull_;
    double total_ = 0;
};

}  // namespace mulsmith
