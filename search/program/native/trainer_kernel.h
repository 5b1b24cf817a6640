// One epoch in vectors of sixteen calls; included once per instruction set, inside an unnamed namespace.
//
// Signals lie as [neuron, call], so that every product runs along calls. A batch is padded with calls of
// share zero, whose gradients vanish. Rows are an odd number of vectors apart: with a power of two between
// them, a column of neurons would fall into few sets of the first-level cache.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "trainer.h"

namespace mulsmith {
namespace {

typedef float V __attribute__((vector_size(64)));
typedef int32_t I __attribute__((vector_size(64)));
typedef float Half __attribute__((vector_size(32)));
typedef float Quarter __attribute__((vector_size(16)));

constexpr int kLanes = 16;
constexpr int kVectors = MULSMITH_TRAINER_VECTORS;  // per block of a product
constexpr int kBlock = 4;                           // neurons per block of a product
constexpr float kFirstDecay = 0.9f, kSecondDecay = 0.99f, kSmallest = 1e-8f;

float total(V value) {
    Half halves[2];
    std::memcpy(halves, &value, sizeof value);
    const Half half = halves[0] + halves[1];
    Quarter quarters[2];
    std::memcpy(quarters, &half, sizeof half);
    const Quarter sum = quarters[0] + quarters[1];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

V tanh_of(V x) {
    // 1 - 2 / (exp(2 |x|) + 1); exp by a power of two and a Taylor polynomial of degree 6 on +-ln 2 / 2.
    const V size = x < 0 ? -x : x;
    const V limited = size > 9.0f ? V{} + 9.0f : size;
    const V scaled = limited * 2.8853900817779268f;
    const I power = __builtin_convertvector(scaled + 0.5f, I);
    const V rest = (scaled - __builtin_convertvector(power, V)) * 0.6931471805599453f;
    V e = rest * (1.0f / 720) + 1.0f / 120;
    e = e * rest + 1.0f / 24;
    e = e * rest + 1.0f / 6;
    e = e * rest + 0.5f;
    e = e * rest + 1.0f;
    e = e * rest + 1.0f;
    const I bits = (power + 127) << 23;
    V two;
    std::memcpy(&two, &bits, sizeof two);
    const V value = 1.0f - 2.0f / (e * two + 1.0f);
    return x < 0 ? -value : value;
}

void activate(int32_t kind, V& value) {
    if (kind == 0)
        value = value > 0 ? value : V{};
    else if (kind == 1)
        value = 0.5f * (tanh_of(0.5f * value) + 1.0f);
    else
        value = tanh_of(value);
}

V slope(int32_t kind, V value) {
    if (kind == 0) return value > 0 ? V{} + 1.0f : V{};
    return kind == 1 ? value * (1.0f - value) : 1.0f - value * value;
}

// to[m] = bias[m] + sum over k of weight[m * row + k * column] * from[k], for M neurons of one block of calls.
template <int M>
void product(V* to, const V* from, const float* weight, int64_t row, int64_t column, const float* bias,
             int64_t depth, int64_t stride) {
    V sum[M][kVectors];
    for (int m = 0; m < M; ++m)
        for (int v = 0; v < kVectors; ++v) sum[m][v] = V{} + (bias ? bias[m] : 0.0f);
    for (int64_t k = 0; k < depth; ++k)
        for (int m = 0; m < M; ++m) {
            const float w = weight[m * row + k * column];
            for (int v = 0; v < kVectors; ++v) sum[m][v] += w * from[k * stride + v];
        }
    for (int m = 0; m < M; ++m)
        for (int v = 0; v < kVectors; ++v) to[m * stride + v] = sum[m][v];
}

void products(V* to, const V* from, const float* weight, int64_t row, int64_t column, const float* bias,
              int64_t width, int64_t depth, int64_t vectors, int64_t stride) {
    for (int64_t v = 0; v < vectors; v += kVectors) {
        int64_t m = 0;
        for (; m + kBlock <= width; m += kBlock)
            product<kBlock>(to + m * stride + v, from + v, weight + m * row, row, column,
                            bias ? bias + m : nullptr, depth, stride);
        for (; m < width; ++m)
            product<1>(to + m * stride + v, from + v, weight + m * row, row, column,
                       bias ? bias + m : nullptr, depth, stride);
    }
}

// slopes[r * row + c] = sum over calls of left[r] * right[c].
template <int R, int C>
void correlation(float* slopes, int64_t row, const V* left, const V* right, int64_t vectors, int64_t stride) {
    V sum[R][C] = {};
    for (int64_t v = 0; v < vectors; ++v)
        for (int r = 0; r < R; ++r)
            for (int c = 0; c < C; ++c) sum[r][c] += left[r * stride + v] * right[c * stride + v];
    for (int r = 0; r < R; ++r)
        for (int c = 0; c < C; ++c) slopes[r * row + c] = total(sum[r][c]);
}

void correlations(float* slopes, const V* left, int64_t rows, const V* right, int64_t columns, int64_t vectors,
                  int64_t stride) {
    const auto strip = [&](auto height, int64_t r) {
        constexpr int R = decltype(height)::value;
        int64_t c = 0;
        for (; c + kBlock <= columns; c += kBlock)
            correlation<R, kBlock>(slopes + r * columns + c, columns, left + r * stride, right + c * stride,
                                   vectors, stride);
        for (; c < columns; ++c)
            correlation<R, 1>(slopes + r * columns + c, columns, left + r * stride, right + c * stride, vectors,
                              stride);
    };
    int64_t r = 0;
    for (; r + kBlock <= rows; r += kBlock) strip(std::integral_constant<int, kBlock>{}, r);
    for (; r < rows; ++r) strip(std::integral_constant<int, 1>{}, r);
}

class Trainer {
  public:
    explicit Trainer(const MulsmithEpoch& epoch)
        : epoch_(epoch), vectors_((epoch.batch + kLanes * kVectors - 1) / (kLanes * kVectors) * kVectors),
          stride_(vectors_ | 1) {
        int64_t rows = 1;
        for (int32_t layer = 0; layer <= epoch.layers; ++layer) {
            first_row_.push_back(rows);
            rows += epoch.widths[layer];
            widest_ = std::max<int64_t>(widest_, epoch.widths[layer]);
            if (layer == epoch.layers) break;
            weights_.push_back(size_);
            size_ += (epoch.widths[layer] + int64_t{1}) * epoch.widths[layer + 1];
        }
        memory_.reset(new (std::align_val_t{64}) V[(rows + 2 * widest_) * stride_ + size_ / kLanes + 1]());
        shares_ = memory_.get();
        delta_ = shares_ + rows * stride_;
        next_ = delta_ + widest_ * stride_;
        slopes_ = reinterpret_cast<float*>(next_ + widest_ * stride_);
    }

    void run() {
        for (int64_t step = 0; step < epoch_.steps; ++step) {
            take(epoch_.order + step * epoch_.batch);
            forward();
            backward();
            adam(epoch_.rates[step]);
        }
    }

  private:
    struct Free {
        void operator()(V* memory) const { ::operator delete[](memory, std::align_val_t{64}); }
    };

    V* signal(int32_t layer) { return shares_ + first_row_[layer] * stride_; }

    void take(const int64_t* calls) {
        float* inputs = reinterpret_cast<float*>(signal(0));
        float* targets = reinterpret_cast<float*>(delta_);
        float* shares = reinterpret_cast<float*>(shares_);
        const int64_t stride = stride_ * kLanes, in = epoch_.widths[0], out = epoch_.widths[epoch_.layers];
        for (int64_t s = 0; s < epoch_.batch; ++s) {
            for (int64_t i = 0; i < in; ++i) inputs[i * stride + s] = epoch_.inputs[calls[s] * in + i];
            for (int64_t o = 0; o < out; ++o) targets[o * stride + s] = epoch_.targets[calls[s] * out + o];
            shares[s] = epoch_.shares[calls[s]] * 2.0f / static_cast<float>(epoch_.batch * out);
        }
    }

    void forward() {
        for (int32_t layer = 0; layer < epoch_.layers; ++layer) {
            const int64_t in = epoch_.widths[layer], out = epoch_.widths[layer + 1];
            const float* weight = epoch_.parameters + weights_[layer];
            products(signal(layer + 1), signal(layer), weight, 1, out, weight + in * out, out, in, vectors_,
                     stride_);
            if (layer + 1 == epoch_.layers) break;
            for (V* v = signal(layer + 1); v < signal(layer + 2); ++v) activate(epoch_.activations[layer], *v);
        }
    }

    void backward() {
        const int64_t outputs = epoch_.widths[epoch_.layers];
        for (int64_t i = 0; i < outputs * stride_; ++i)
            delta_[i] = (signal(epoch_.layers)[i] - delta_[i]) * shares_[i % stride_];
        for (int32_t layer = epoch_.layers; layer-- > 0;) {
            const int64_t in = epoch_.widths[layer], out = epoch_.widths[layer + 1];
            float* slopes = slopes_ + weights_[layer];
            correlations(slopes, signal(layer), in, delta_, out, vectors_, stride_);
            for (int64_t o = 0; o < out; ++o) {
                V sum = {};
                for (int64_t v = 0; v < vectors_; ++v) sum += delta_[o * stride_ + v];
                slopes[in * out + o] = total(sum);
            }
            if (layer == 0) break;
            const float* weight = epoch_.parameters + weights_[layer];
            products(next_, delta_, weight, out, 1, nullptr, in, out, vectors_, stride_);
            for (int64_t i = 0; i < in * stride_; ++i)
                next_[i] *= slope(epoch_.activations[layer - 1], signal(layer)[i]);
            std::swap(delta_, next_);
        }
    }

    void adam(float rate) {
        for (int64_t i = 0; i < size_; ++i) {
            float& first = epoch_.first[i];
            float& second = epoch_.second[i];
            const float g = slopes_[i];
            first = kFirstDecay * first + (1.0f - kFirstDecay) * g;
            second = kSecondDecay * second + (1.0f - kSecondDecay) * (g * g);
            epoch_.parameters[i] -= rate * (first / (std::sqrt(second) + kSmallest));
        }
    }

    const MulsmithEpoch& epoch_;
    const int64_t vectors_, stride_;
    int64_t size_ = 0, widest_ = 0;
    std::vector<int64_t> first_row_, weights_;
    std::unique_ptr<V[], Free> memory_;
    V *shares_, *delta_, *next_;
    float* slopes_;
};

int32_t train(const MulsmithEpoch& epoch) {
    try {
        Trainer(epoch).run();
    } catch (const std::bad_alloc&) {
        return 1;
    }
    return 0;
}

}  // namespace
}  // namespace mulsmith
