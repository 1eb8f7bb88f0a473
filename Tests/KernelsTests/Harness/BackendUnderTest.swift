import Kernels
import Tensors
import Testing

/// A backend that the tests of this target put to the proof. Each test makes its own.
struct BackendUnderTest: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let make: @Sendable () -> any Backend
}

/// Every test of an operation runs on each of these; a new backend is proven by adding it.
let backendsUnderTest = [
    reference,
    BackendUnderTest(testDescription: "onednn") {
        AcceleratedBackend(threads: 1, convolutionMethod: .direct)
    },
    BackendUnderTest(testDescription: "onednn, 2 threads") {
        AcceleratedBackend(threads: 2, convolutionMethod: .direct)
    },
]

/// Their 3 × 3 convolutions are not exact on integers.
let winogradBackends = [1, 2].map { threads in
    BackendUnderTest(testDescription: "onednn, Winograd, \(threads) threads") {
        AcceleratedBackend(threads: threads, convolutionMethod: .winograd)
    }
}

/// What the others must agree with on shapes too large for the oracles.
let reference = BackendUnderTest(testDescription: "openblas") { ReferenceBackend() }

/// All but the reference itself.
let backendsToCompareWithReference =
    backendsUnderTest.dropFirst() + [
        BackendUnderTest(testDescription: "openblas, 2 threads") { ReferenceBackend(threads: 2) }
    ]

/// The tests of all operations. One at a time, because OpenBLAS's number of threads is the process's.
@Suite(.serialized) struct Operations {}
