/// The 3-D convolution of two volumes to one, zero padded to the same size, without bias: weight (1, 2, k, k, k), k odd.
struct VolumeConvolution {
    let shape: VolumeShape
    let kernel: Int

    /// y[n,q] = Σ w[v,t] · x[n,v,q+t-⌊k/2⌋]; x (N, 2, D, H, W), y (N, D, H, W).
    func forward(_ x: [Float], weight: [Float]) -> [Float] {
        var y = [Float](repeating: 0, count: shape.batch * shape.volume)
        for n in 0..<shape.batch {
            for volume in 0..<2 {
                forEachTap { tap, shift in
                    let factor = weight[volume * taps + tap]
                    forEachPair(shift) { output, input in
                        y[n * shape.volume + output] += factor * x[(2 * n + volume) * shape.volume + input]
                    }
                }
            }
        }
        return y
    }

    /// dL/dx and dL/dw from dL/dy.
    func backward(_ gradient: [Float], x: [Float], weight: [Float]) -> (input: [Float], weight: [Float]) {
        var inputGradient = [Float](repeating: 0, count: x.count)
        var weightGradient = [Double](repeating: 0, count: weight.count)
        for n in 0..<shape.batch {
            for volume in 0..<2 {
                let start = (2 * n + volume) * shape.volume
                forEachTap { tap, shift in
                    let factor = weight[volume * taps + tap]
                    var sum = 0.0
                    forEachPair(shift) { output, input in
                        let incoming = gradient[n * shape.volume + output]
                        inputGradient[start + input] += factor * incoming
                        sum += Double(incoming) * Double(x[start + input])
                    }
                    weightGradient[volume * taps + tap] += sum
                }
            }
        }
        return (inputGradient, weightGradient.map { Float($0) })
    }

    private typealias Shift = (depth: Int, row: Int, column: Int)

    private var taps: Int { kernel * kernel * kernel }

    private func forEachTap(_ body: (_ tap: Int, _ shift: Shift) -> Void) {
        let half = kernel / 2
        for tap in 0..<taps {
            body(tap, (tap / (kernel * kernel) - half, tap / kernel % kernel - half, tap % kernel - half))
        }
    }

    /// Calls `body` with every position whose shifted position is inside the volume, and that one.
    private func forEachPair(_ shift: Shift, _ body: (_ position: Int, _ shifted: Int) -> Void) {
        func inside(_ shift: Int, _ size: Int) -> Range<Int> {
            let start = max(0, -shift)
            return start..<max(start, min(size, size - shift))
        }
        let distance = shift.depth * shape.plane + shift.row * shape.width + shift.column
        for d in inside(shift.depth, shape.depth) {
            for i in inside(shift.row, shape.height) {
                for j in inside(shift.column, shape.width) {
                    let position = d * shape.plane + i * shape.width + j
                    body(position, position + distance)
                }
            }
        }
    }
}
