/* A layer of an integer network on a multiplier's table: exact sums, and codes for the next layer.
 *
 * Compile without -ffast-math and with -ffp-contract=off: float32 then gives the same codes everywhere.
 * MULSMITH_TABLE and MULSMITH_SUM are the types of a table entry and of a sum.
 */
#ifndef MULSMITH_LAYER_H
#define MULSMITH_LAYER_H

#include <math.h>
#include <stdint.h>

typedef struct {
  int channels, height, width;             /* input */
  int outputs, out_height, out_width;      /* sums */
  int kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w, groups;
  int a_bits, b_bits;                      /* widths of input and weight codes */
  int is_signed;                           /* whether codes are two's complement */
  int input_zero;                          /* input code of 0, which stands in the padding, too */
  float input_scale;                       /* value of an input's unit */
  const float *weight_scale;               /* value of a weight's unit, [outputs] */
  const int16_t *weights;                  /* codes that go to the multiplier, [outputs][channels/groups][kh][kw] */
  const int16_t *weight_zero;              /* [outputs] */
  const MULSMITH_SUM *offset;              /* bias and fixed part of the zero-point corrections, [outputs] */
  const MULSMITH_TABLE *const *tables;     /* one per operating point, [2^a_bits][2^b_bits] by raw codes */
} mulsmith_layer;

/* One sum: output channel o at row y and column x, from input codes [channels][height][width]. */
static MULSMITH_SUM mulsmith_sum(const mulsmith_layer *layer, int point, const int16_t *codes, int o, int y, int x) {
  const MULSMITH_TABLE *table = layer->tables[point];
  const int inputs = layer->channels / layer->groups;
  const int first = o / (layer->outputs / layer->groups) * inputs;
  const int a_mask = (1 << layer->a_bits) - 1, b_mask = (1 << layer->b_bits) - 1;
  const int16_t *weight = layer->weights + (int32_t)o * inputs * layer->kernel_h * layer->kernel_w;
  MULSMITH_SUM sum = layer->offset[o], code_sum = 0;
  for (int c = 0; c < inputs; c++)
    for (int ky = 0; ky < layer->kernel_h; ky++)
      for (int kx = 0; kx < layer->kernel_w; kx++) {
        const int row = y * layer->stride_h - layer->pad_h + ky * layer->dilation_h;
        const int column = x * layer->stride_w - layer->pad_w + kx * layer->dilation_w;
        const int inside = row >= 0 && row < layer->height && column >= 0 && column < layer->width;
        const int code =
            inside ? codes[((first + c) * layer->height + row) * layer->width + column] : layer->input_zero;
        sum += table[((code & a_mask) << layer->b_bits) | (*weight++ & b_mask)];
        code_sum += code;
      }
  return sum - layer->weight_zero[o] * code_sum;
}

/* All sums of a layer, [outputs][out_height][out_width]. */
static void mulsmith_sums(const mulsmith_layer *layer, int point, const int16_t *codes, MULSMITH_SUM *sums) {
  for (int o = 0; o < layer->outputs; o++)
    for (int y = 0; y < layer->out_height; y++)
      for (int x = 0; x < layer->out_width; x++) *sums++ = mulsmith_sum(layer, point, codes, o, y, x);
}

/* The number that a sum of output channel o stands for. */
static float mulsmith_value(const mulsmith_layer *layer, int o, MULSMITH_SUM sum) {
  const float unit = layer->input_scale * layer->weight_scale[o];
  return (float)sum * unit;
}

/* The code of a number at a layer's input. */
static int16_t mulsmith_code(const mulsmith_layer *layer, float value) {
  const float low = layer->is_signed ? -(float)(1 << (layer->a_bits - 1)) : 0.0f;
  const float high = low + (float)((1 << layer->a_bits) - 1);
  const float code = rintf(value / layer->input_scale) + (float)layer->input_zero;
  return (int16_t)(code < low ? low : code > high ? high : code);
}

/* What a layer's sums pass before the next one: a rectifier, and max pooling of 1 x 1 for none. */
typedef struct {
  int relu, pool_h, pool_w, step_h, step_w;
} mulsmith_after;

/* The number that leaves output channel o at the window whose corner is at row y and column x. */
static float mulsmith_pooled(const mulsmith_layer *layer, const MULSMITH_SUM *sums, mulsmith_after after, int o,
                             int y, int x) {
  MULSMITH_SUM largest = sums[(o * layer->out_height + y) * layer->out_width + x];
  for (int i = 0; i < after.pool_h; i++)
    for (int j = 0; j < after.pool_w; j++) {
      const MULSMITH_SUM other = sums[(o * layer->out_height + y + i) * layer->out_width + x + j];
      if (other > largest) largest = other;
    }
  return mulsmith_value(layer, o, after.relu && largest < 0 ? 0 : largest);
}

/* Codes of the next layer. */
static void mulsmith_next(const mulsmith_layer *layer, const MULSMITH_SUM *sums, mulsmith_after after,
                          const mulsmith_layer *next, int16_t *codes) {
  for (int o = 0; o < layer->outputs; o++)
    for (int y = 0; y + after.pool_h <= layer->out_height; y += after.step_h)
      for (int x = 0; x + after.pool_w <= layer->out_width; x += after.step_w)
        *codes++ = mulsmith_code(next, mulsmith_pooled(layer, sums, after, o, y, x));
}

/* The numbers that leave the last layer. */
static void mulsmith_last(const mulsmith_layer *layer, const MULSMITH_SUM *sums, mulsmith_after after, float *logits) {
  for (int o = 0; o < layer->outputs; o++)
    for (int y = 0; y + after.pool_h <= layer->out_height; y += after.step_h)
      for (int x = 0; x + after.pool_w <= layer->out_width; x += after.step_w)
        *logits++ = mulsmith_pooled(layer, sums, after, o, y, x);
}

#endif
