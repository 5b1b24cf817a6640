/* The C function and the generated networks on a grid of points: mean difference, for two ways to choose. */
#include <stdio.h>

#include "undistort_network.h"

void undistort(const double *in, double *out);

int main(void) {
  for (int mode = 0; mode < 2; mode++) {
    int active = undistort_network_select(mode, 0.9, 0.0, 0.5);
    double sum = 0.0;
    for (int i = 0; i < 101 * 101; i++) {
      double in[2] = {-0.8 + 0.016 * (i % 101), -0.6 + 0.012 * (i / 101)}, exact[2], found[2];
      undistort(in, exact);
      undistort_network(in, found);
      sum += fabs(found[0] - exact[0]) + fabs(found[1] - exact[1]);
    }
    printf("%s: network %d, mean difference %.5f\n", mode ? "energy, 90 %" : "quality", active,
           sum / (2 * 101 * 101));
  }
  return 0;
}
