/* Where a point of a picture would be without the lens's radial distortion; the centre is (0, 0). */
void undistort(const double *in, double *out) {
  const double k1 = -0.28, k2 = 0.07;
  double x = in[0], y = in[1];
  for (int round = 0; round < 10; round++) {
    double square = x * x + y * y, factor = 1.0 + square * (k1 + k2 * square);
    x = in[0] / factor;
    y = in[1] / factor;
  }
  out[0] = x;
  out[1] = y;
}
