#include "CVectorsTrial.h"

#if defined(__x86_64__)

#include <immintrin.h>

__attribute__((target("avx2,fma"))) bool CVectors_tryAVX2(float a, const float *x, float *y, int count) {
    __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    for (int i = 0; i < count; i += 8) {
        const __m256 sum = _mm256_fmadd_ps(_mm256_set1_ps(a), _mm256_loadu_ps(x + i), _mm256_loadu_ps(y + i));
        _mm256_storeu_ps(y + i, _mm256_add_ps(sum, _mm256_cvtepi32_ps(index)));
        index = _mm256_add_epi32(index, _mm256_set1_epi32(8));
    }
    return true;
}

// The lower half by masked 512-bit instructions, the upper half by masked 256-bit ones.
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))) bool CVectors_tryAVX512(
    float a, const float *x, float *y, int count) {
    __m512i index = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (int i = 0; i < count; i += 16) {
        const __m512 sum = _mm512_fmadd_ps(_mm512_set1_ps(a), _mm512_loadu_ps(x + i), _mm512_loadu_ps(y + i));
        const __m512 result = _mm512_add_ps(sum, _mm512_cvtepi32_ps(index));
        _mm512_mask_storeu_ps(y + i, 0x00ff, result);
        _mm256_mask_storeu_ps(y + i + 8, 0xff, _mm512_extractf32x8_ps(result, 1));
        index = _mm512_add_epi32(index, _mm512_set1_epi32(16));
    }
    return true;
}

#else

bool CVectors_tryAVX2(float a, const float *x, float *y, int count) { return false; }
bool CVectors_tryAVX512(float a, const float *x, float *y, int count) { return false; }

#endif
