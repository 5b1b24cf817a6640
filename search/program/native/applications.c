/* Whole programs around the regions, to count what share of a program its region is.
 *
 * Usage: program NAME COUNT REPEATS < doubles. NAME is a region; COUNT calls of it, or the edge of its image,
 * are read from standard input; the work runs REPEATS times. With a name "region:NAME" only the region runs.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "regions.h"

enum { MOST = 1 << 20 };
static double data[MOST], result[MOST], other[MOST];

static double option_book(long n) {
  double value = 0.0;
  for (long i = 0; i < n; i++) {
    mulsmith_blackscholes(data + 7 * i, result + i);
    result[i] *= 120.0;
    value += data[7 * i + 6] * result[i];
  }
  return value;
}

/* Radix 2, decimation in time; real parts in result, imaginary ones in other. */
static double transform(long n) {
  for (long i = 0, j = 0; i < n; i++) {
    result[j] = data[i];
    other[i] = 0.0;
    long bit = n >> 1;
    for (; bit && (j & bit); bit >>= 1) j ^= bit;
    j |= bit;
  }
  for (long half = 1; half < n; half *= 2)
    for (long k = 0; k < half; k++) {
      double place = (double)k / (double)(2 * half), twiddle[2];
      mulsmith_fft(&place, twiddle);
      for (long i = k; i < n; i += 2 * half) {
        double re = result[i + half] * twiddle[1] - other[i + half] * twiddle[0];
        double im = result[i + half] * twiddle[0] + other[i + half] * twiddle[1];
        result[i + half] = result[i] - re;
        other[i + half] = other[i] - im;
        result[i] += re;
        other[i] += im;
      }
    }
  return result[0];
}

/* Angles along a path, and the fastest turn of a joint. */
static double trajectory(long n) {
  double fastest = 0.0;
  for (long i = 0; i < n; i++) {
    mulsmith_inversek2j(data + 2 * i, result + 2 * i);
    for (int j = 0; i && j < 2; j++)
      fastest = fmax(fastest, fabs(result[2 * i + j] - result[2 * i + j - 2]));
  }
  return fastest;
}

static double soup(long triangles) {
  double pair[18], both[2], hits = 0.0;
  for (long a = 0; a < triangles; a++)
    for (long b = a + 1; b < triangles; b++) {
      memcpy(pair, data + 9 * a, 9 * sizeof *pair);
      memcpy(pair + 9, data + 9 * b, 9 * sizeof *pair);
      mulsmith_jmeint(pair, both);
      if (both[0] > both[1]) {
        result[a]++;
        result[b]++;
        hits++;
      }
    }
  return hits;
}

/* Blocks of an image, and the bits of run lengths and levels in zigzag order without a Huffman table. */
static double image_blocks(long edge) {
  static int zigzag[64];
  for (int i = 0, row = 0, column = 0; i < 64; i++) {
    zigzag[i] = 8 * row + column;
    if ((row + column) % 2 == 0) {
      if (column == 7) row++;
      else if (column++, row) row--;
    } else {
      if (row == 7) column++;
      else if (row++, column) column--;
    }
  }
  double block[64], levels[64], bits = 0.0;
  for (long y = 0; y + 8 <= edge; y += 8)
    for (long x = 0; x + 8 <= edge; x += 8) {
      for (int r = 0; r < 8; r++) memcpy(block + 8 * r, data + (y + r) * edge + x, 8 * sizeof *block);
      mulsmith_jpeg(block, levels);
      for (int i = 0, run = 0; i < 64; i++) {
        int level = abs((int)lrint(256.0 * levels[zigzag[i]])), size = 0;
        for (; level; level >>= 1) size++;
        if (size) bits += 4 + size + (run >= 16 ? 8 : 4);
        run = size ? 0 : run + 1;
      }
    }
  return bits;
}

/* Colours of an image in six clusters, ten rounds from evenly spaced pixels. */
static double segments(long pixels) {
  enum { K = 6, ROUNDS = 10 };
  double centre[K][3], pair[6], distance = 0.0;
  for (int k = 0; k < K; k++) memcpy(centre[k], data + 3 * (pixels * (2 * k + 1) / (2 * K)), sizeof centre[k]);
  for (int round = 0; round < ROUNDS; round++) {
    double sum[K][4] = {{0}};
    for (long i = 0; i < pixels; i++) {
      double least = HUGE_VAL;
      int nearest = 0;
      for (int k = 0; k < K; k++) {
        memcpy(pair, data + 3 * i, 3 * sizeof *pair);
        memcpy(pair + 3, centre[k], 3 * sizeof *pair);
        mulsmith_kmeans(pair, &distance);
        if (distance < least) {
          least = distance;
          nearest = k;
        }
      }
      result[i] = nearest;
      for (int c = 0; c < 3; c++) sum[nearest][c] += data[3 * i + c];
      sum[nearest][3]++;
    }
    for (int k = 0; k < K; k++)
      for (int c = 0; sum[k][3] > 0 && c < 3; c++) centre[k][c] = sum[k][c] / sum[k][3];
  }
  return centre[0][0];
}

static double edges(long edge) {
  double window[9];
  for (long y = 0; y + 2 < edge; y++)
    for (long x = 0; x + 2 < edge; x++) {
      for (int r = 0; r < 3; r++) memcpy(window + 3 * r, data + (y + r) * edge + x, 3 * sizeof *window);
      mulsmith_sobel(window, result + y * edge + x);
    }
  return result[0];
}

static const struct {
  const char *name;
  void (*region)(const double *in, double *out);
  double (*application)(long count);
  int inputs;
} PROGRAMS[] = {
    {"blackscholes", mulsmith_blackscholes, option_book, 6}, {"fft", mulsmith_fft, transform, 1},
    {"inversek2j", mulsmith_inversek2j, trajectory, 2},      {"jmeint", mulsmith_jmeint, soup, 18},
    {"jpeg", mulsmith_jpeg, image_blocks, 64},               {"kmeans", mulsmith_kmeans, segments, 6},
    {"sobel", mulsmith_sobel, edges, 9},
};

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  const char *name = strchr(argv[1], ':') ? strchr(argv[1], ':') + 1 : argv[1];
  long count = atol(argv[2]), repeats = atol(argv[3]);
  fread(data, sizeof *data, MOST, stdin);
  for (size_t p = 0; p < sizeof PROGRAMS / sizeof *PROGRAMS; p++) {
    if (strcmp(PROGRAMS[p].name, name)) continue;
    double shown = 0.0;
    for (long repeat = 0; repeat < repeats; repeat++)
      if (name == argv[1])
        shown = PROGRAMS[p].application(count);
      else
        for (long i = 0; i < count; i++) PROGRAMS[p].region(data + i * PROGRAMS[p].inputs, result);
    printf("%.17g\n", shown);
    return 0;
  }
  return 2;
}
