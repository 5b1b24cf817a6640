// Runs every kernel of the processor on a few convolutions with a random table, against plain loops, and prints how
// many sums were equal.
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "abi.h"

namespace {

struct Shape {
    int64_t images, channels, height, width, outputs, kernel, stride, pad, groups;
};

// The sum at one place, by the definition.
int32_t plain_sum(const MulsmithProblem& p, const uint16_t* words, int64_t image, int64_t output, int64_t y,
                  int64_t x) {
    const int64_t depth = p.channels / p.groups, group = output / (p.outputs / p.groups);
    int32_t sum = 0;
    for (int64_t c = 0; c < depth; ++c)
        for (int64_t ky = 0; ky < p.kernel_h; ++ky)
            for (int64_t kx = 0; kx < p.kernel_w; ++kx) {
                const int64_t row = y * p.stride_h + ky - p.pad_h, column = x * p.stride_w + kx - p.pad_w;
                const bool inside = row >= 0 && row < p.height && column >= 0 && column < p.width;
                const int64_t plane = (image * p.channels + group * depth + c) * p.height;
                const int64_t code = inside ? p.lanes[(plane + row) * p.width + column] : p.pad_code;
                const int64_t tap = ((output * depth + c) * p.kernel_h + ky) * p.kernel_w + kx;
                sum += words[256 * p.rows[tap] + code];
            }
    return sum;
}

int64_t wrong_sums(const MulsmithProblem& p, const uint16_t* words) {
    int64_t wrong = 0, at = 0;
    for (int64_t image = 0; image < p.images; ++image)
        for (int64_t output = 0; output < p.outputs; ++output)
            for (int64_t y = 0; y < p.out_h; ++y)
                for (int64_t x = 0; x < p.out_w; ++x)
                    wrong += p.sums[at++] != plain_sum(p, words, image, output, y, x);
    return wrong;
}

}  // namespace

int main() {
    std::mt19937 random(1);
    std::vector<uint16_t> words(65536);
    for (auto& word : words) word = static_cast<uint16_t>(random());
    MulsmithTable table{};
    table.parts = 1;
    table.words = words.data();
    const Shape shapes[] = {{2, 3, 9, 7, 20, 3, 1, 1, 1}, {1, 4, 8, 8, 70, 1, 1, 0, 1}, {2, 8, 7, 9, 6, 3, 2, 1, 2},
                            {2, 6, 20, 9, 6, 3, 1, 1, 6}, {1, 5, 11, 9, 5, 5, 2, 2, 5}, {1, 40, 5, 6, 33, 3, 1, 1, 1}};
    int64_t equal = 0, wrong = 0;
    for (int32_t kernel = 0; kernel < mulsmith_kernel_count(); ++kernel)
        for (const Shape& s : shapes) {
            const int64_t out_h = (s.height + 2 * s.pad - s.kernel) / s.stride + 1;
            const int64_t out_w = (s.width + 2 * s.pad - s.kernel) / s.stride + 1;
            std::vector<uint8_t> lanes(s.images * s.channels * s.height * s.width);
            std::vector<uint8_t> rows(s.outputs * (s.channels / s.groups) * s.kernel * s.kernel);
            std::vector<int32_t> sums(s.images * s.outputs * out_h * out_w);
            for (auto& code : lanes) code = static_cast<uint8_t>(random());
            for (auto& code : rows) code = static_cast<uint8_t>(random());
            const MulsmithProblem problem = {lanes.data(), rows.data(), sums.data(), s.images, s.channels, s.height,
                                             s.width, s.outputs, s.kernel, s.kernel, out_h, out_w, s.stride, s.stride,
                                             s.pad, s.pad, 1, 1, s.groups, 77};
            if (mulsmith_conv2d(&problem, &table, kernel, 1) != 0) return 1;
            const int64_t found = wrong_sums(problem, words.data());
            wrong += found;
            equal += static_cast<int64_t>(sums.size()) - found;
        }
    std::printf("{\"kernels\": %d, \"equal\": %lld, \"wrong\": %lld}\n", mulsmith_kernel_count(),
                static_cast<long long>(equal), static_cast<long long>(wrong));
}
