// Interface of the trainer: one epoch of Adam over batches of a small network.
#pragma once
#include <cstdint>

extern "C" {

// Parameters lie layer after layer, each as weights [inputs, outputs] and then biases [outputs].
struct MulsmithEpoch {
    int32_t layers;              // weight matrices
    const int32_t* widths;       // layers + 1
    const int32_t* activations;  // layers - 1: 0 relu, 1 sigmoid, 2 tanh
    float* parameters;
    float* first;   // Adam's moments, of the parameters' shape
    float* second;
    const float* inputs;   // [calls, widths[0]]
    const float* targets;  // [calls, widths[layers]]
    const float* shares;   // weight of each call in the mean
    const int64_t* order;  // the calls that the steps take, batch after batch
    int64_t batch;
    int64_t steps;
    const float* rates;  // learning rate of each step
};

int32_t mulsmith_trainer_abi();
const char* mulsmith_trainer_kernel();
// Returns 0, or 1 where memory is missing.
int32_t mulsmith_trainer_epoch(const MulsmithEpoch* epoch);
}
