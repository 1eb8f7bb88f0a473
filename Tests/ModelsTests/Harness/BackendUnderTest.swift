import Kernels
import Testing

/// A backend that models run on. Each test makes its own.
struct BackendUnderTest: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// By Winograd's convolutions.
    var roundsMore = false
    let make: @Sendable () -> any Backend

    static let accelerated = BackendUnderTest(testDescription: "onednn", roundsMore: true) {
        AcceleratedBackend(threads: 1, convolutionMethod: .winograd)
    }
    static let direct = BackendUnderTest(testDescription: "onednn, direct convolutions") {
        AcceleratedBackend(threads: 1, convolutionMethod: .direct)
    }
    static let reference = BackendUnderTest(testDescription: "openblas") { ReferenceBackend() }

    static let all = [accelerated, direct, reference]
}
