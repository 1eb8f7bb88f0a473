/// How the accelerated backend computes convolutions.
public enum ConvolutionMethod: String, CaseIterable, Codable, Sendable {
    /// 3 × 3 kernels of stride 1 by Winograd's F(4×4, 3×3) (Lavin and Gray 2016) where that is less arithmetic and the
    /// CPU has it (AVX-512): about half the time, and about 20 times the rounding error. The others by direct sums.
    case winograd
    /// All by direct sums.
    case direct
}
