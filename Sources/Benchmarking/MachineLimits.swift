import Dispatch
import Kernels
import Tensors

/// What this machine can do at most, with the threads that a rank has.
struct MachineLimits {
    private let threads: Int
    private let a: Tensor
    private let b: Tensor
    private let sum: Tensor
    private let backends: [any Backend]
    private let matrix: Tensor
    private let bias: Tensor

    /// Larger than any cache.
    private static let count = 16 << 20
    private static let side = 1536

    init(threads: Int, _ backend: any Backend) {
        self.threads = threads
        a = .zeros([Self.count])
        b = .zeros([Self.count])
        sum = .zeros([Self.count])
        backends = [backend, ReferenceBackend(threads: threads)]
        let values = (0..<Self.side * Self.side).map { Float($0 % 13) / 13 - 0.5 }
        matrix = Tensor(values, shape: [Self.side, Self.side])
        bias = .zeros([Self.side])
    }

    /// Bytes a second read and written by c = a + b over arrays that no cache holds.
    func memoryBandwidth() -> Double {
        let seconds = seconds {
            a.withUnsafeBufferPointer { a in
                b.withUnsafeBufferPointer { b in
                    sum.withUnsafeMutableBufferPointer { sum in add(a, b, into: sum) }
                }
            }
        }
        return Double(3 * Self.count * MemoryLayout<Float>.stride) / seconds
    }

    /// Operations a second of the faster of the backends' matrix products.
    func matrixProduct() -> Double {
        let times = backends.map { backend in
            seconds { _ = backend.linear(matrix, weight: matrix, bias: bias) }
        }
        return 2 * Double(Self.side * Self.side * Self.side) / (times.min() ?? .infinity)
    }

    private func add(
        _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>, into sum: UnsafeMutableBufferPointer<Float>
    ) {
        let (left, right, target) = (
            UnsafeRawBufferPointer(a), UnsafeRawBufferPointer(b), UnsafeMutableRawBufferPointer(sum)
        )
        nonisolated(unsafe) let operands = (left, right, target)
        let share = sum.count / threads / 16 * 16 * MemoryLayout<Float>.stride
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            let (left, right, target) = operands
            for offset in stride(from: thread * share, to: (thread + 1) * share, by: 64) {
                let value =
                    left.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
                    + right.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
                target.storeBytes(of: value, toByteOffset: offset, as: SIMD16<Float>.self)
            }
        }
    }
}
