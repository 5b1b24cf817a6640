/* The regions of search/program/kernels/ in C: one call each, double in and double out. */
#ifndef MULSMITH_REGIONS_H
#define MULSMITH_REGIONS_H

void mulsmith_blackscholes(const double *in, double *out);
void mulsmith_fft(const double *in, double *out);
void mulsmith_inversek2j(const double *in, double *out);
void mulsmith_jmeint(const double *in, double *out);
void mulsmith_jpeg(const double *in, double *out);
void mulsmith_kmeans(const double *in, double *out);
void mulsmith_sobel(const double *in, double *out);

#endif
