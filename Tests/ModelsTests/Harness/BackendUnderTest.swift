import Kernels
import Testing

/// A backend that models run on. Each test makes its own.
struct BackendUnderTest: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let make: @Sendable () -> any Backend

    static let accelerated = BackendUnderTest(testDescription: "onednn") { AcceleratedBackend(threads: 1) }
    static let reference = BackendUnderTest(testDescription: "openblas") { ReferenceBackend() }

    static let all = [accelerated, reference]
}
