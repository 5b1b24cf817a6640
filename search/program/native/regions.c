/* Option price, twiddle factor, arm angles, triangle pairs, image block, colour distance, gradient. */
#include "regions.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

static double normal_cdf(double x) {
  /* Abramowitz and Stegun 26.2.17. */
  static const double a[5] = {1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.319381530};
  double k = 1.0 / (1.0 + 0.2316419 * fabs(x)), series = 0.0;
  for (int i = 0; i < 5; i++) series = (series + a[i]) * k;
  double tail = exp(-0.5 * x * x) * series / sqrt(2.0 * PI);
  return x >= 0.0 ? 1.0 - tail : tail;
}

void mulsmith_blackscholes(const double *in, double *out) {
  double spot = in[0], strike = in[1], rate = in[2], volatility = in[3], years = in[4];
  double spread = volatility * sqrt(years);
  double d1 = (log(spot / strike) + (rate + 0.5 * volatility * volatility) * years) / spread;
  double sign = in[5] < 0.5 ? 1.0 : -1.0;
  double discounted = strike * exp(-rate * years);
  out[0] = sign * (spot * normal_cdf(sign * d1) - discounted * normal_cdf(sign * (d1 - spread)));
}

void mulsmith_fft(const double *in, double *out) {
  double angle = -2.0 * PI * in[0];
  out[0] = sin(angle);
  out[1] = cos(angle);
}

void mulsmith_inversek2j(const double *in, double *out) {
  const double link = 0.5;
  double x = in[0], y = in[1];
  double cosine = (x * x + y * y - 2.0 * link * link) / (2.0 * link * link);
  out[1] = acos(fmin(fmax(cosine, -1.0), 1.0));
  double along = link + link * cos(out[1]), across = link * sin(out[1]);
  out[0] = atan2(y * along - x * across, x * along + y * across);
}

static void cross(const double *a, const double *b, double *product) {
  product[0] = a[1] * b[2] - a[2] * b[1];
  product[1] = a[2] * b[0] - a[0] * b[2];
  product[2] = a[0] * b[1] - a[1] * b[0];
}

static int separates(const double *axis, const double *first, const double *second) {
  double low[2], high[2];
  for (int t = 0; t < 2; t++) {
    const double *corners = t ? second : first;
    for (int v = 0; v < 3; v++) {
      const double *p = corners + 3 * v;
      double place = p[0] * axis[0] + p[1] * axis[1] + p[2] * axis[2];
      if (v == 0 || place < low[t]) low[t] = place;
      if (v == 0 || place > high[t]) high[t] = place;
    }
  }
  return high[0] < low[1] || high[1] < low[0];
}

void mulsmith_jmeint(const double *in, double *out) {
  double edges[2][3][3], normals[2][3], axis[3];
  for (int t = 0; t < 2; t++)
    for (int v = 0; v < 3; v++)
      for (int c = 0; c < 3; c++) edges[t][v][c] = in[9 * t + 3 * ((v + 1) % 3) + c] - in[9 * t + 3 * v + c];
  int apart = 0;
  for (int t = 0; t < 2 && !apart; t++) {
    cross(edges[t][0], edges[t][1], normals[t]);
    apart = separates(normals[t], in, in + 9);
  }
  for (int i = 0; i < 9 && !apart; i++) {
    cross(edges[0][i / 3], edges[1][i % 3], axis);
    apart = separates(axis, in, in + 9);
  }
  for (int i = 0; i < 6 && !apart; i++) {
    cross(normals[i / 3], edges[i / 3][i % 3], axis);
    apart = separates(axis, in, in + 9);
  }
  out[0] = !apart;
  out[1] = apart;
}

static const double LUMINANCE[64] = {
    16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,  14, 13, 16, 24, 40,  57,
    69, 56, 14, 17, 22,  29,  51,  87,  80, 62, 18, 22, 37,  56,  68,  109, 103, 77, 24, 35, 55,  64,
    81, 104, 113, 92, 49, 64, 78,  87,  103, 121, 120, 101, 72, 92, 95,  98,  112, 100, 103, 99};

/* Eight-point cosine transform; sums and differences of mirrored samples halve the products. */
static void transform(const double *from, double *to, int stride) {
  static const double c[8] = {0.35355339059327376, 0.49039264020161522, 0.46193976625564337,
                              0.41573480615127262, 0.35355339059327376, 0.27778511650980111,
                              0.19134171618254489, 0.09754516100806413};
  double s[4], d[4];
  for (int i = 0; i < 4; i++) {
    s[i] = from[i * stride] + from[(7 - i) * stride];
    d[i] = from[i * stride] - from[(7 - i) * stride];
  }
  to[0] = c[0] * (s[0] + s[1] + s[2] + s[3]);
  to[4 * stride] = c[4] * (s[0] - s[1] - s[2] + s[3]);
  to[2 * stride] = c[2] * (s[0] - s[3]) + c[6] * (s[1] - s[2]);
  to[6 * stride] = c[6] * (s[0] - s[3]) - c[2] * (s[1] - s[2]);
  to[1 * stride] = c[1] * d[0] + c[3] * d[1] + c[5] * d[2] + c[7] * d[3];
  to[3 * stride] = c[3] * d[0] - c[7] * d[1] - c[1] * d[2] - c[5] * d[3];
  to[5 * stride] = c[5] * d[0] - c[1] * d[1] + c[7] * d[2] + c[3] * d[3];
  to[7 * stride] = c[7] * d[0] - c[5] * d[1] + c[3] * d[2] - c[1] * d[3];
}

void mulsmith_jpeg(const double *in, double *out) {
  double pixels[64], rows[64], both[64];
  for (int i = 0; i < 64; i++) pixels[i] = 256.0 * in[i] - 128.0;
  for (int i = 0; i < 8; i++) transform(pixels + 8 * i, rows + 8 * i, 1);
  for (int i = 0; i < 8; i++) transform(rows + i, both + i, 8);
  for (int i = 0; i < 64; i++) out[i] = rint(both[i] / LUMINANCE[i]) / 256.0;
}

void mulsmith_kmeans(const double *in, double *out) {
  double sum = 0.0;
  for (int c = 0; c < 3; c++) sum += (in[c] - in[c + 3]) * (in[c] - in[c + 3]);
  out[0] = sqrt(sum);
}

void mulsmith_sobel(const double *in, double *out) {
  double across = in[2] - in[0] + 2.0 * (in[5] - in[3]) + in[8] - in[6];
  double down = in[6] - in[0] + 2.0 * (in[7] - in[1]) + in[8] - in[2];
  out[0] = fmin(sqrt(across * across + down * down), 1.0);
}
