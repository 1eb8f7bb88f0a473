import Kernels
import Models
import Tensors

/// Every kernel of a model's training step alone, at the model's shapes.
public struct KernelBenchmark {
    private let cases: [KernelCase]
    private let backend: any Backend

    /// The kernels of `model` on a batch like the one it was made for.
    /// - Parameter text: what their names contain, as they are printed.
    public init(_ model: ResNet, named text: String = "") {
        backend = model.backend
        var (geometries, shapes): (Set<GeometryAtShape>, Set<Shape>) = ([], [])
        var cases: [KernelCase] = []
        var passes: [KernelCase] = []
        for (index, convolution) in model.convolutions.enumerated() {
            let key = GeometryAtShape(geometry: convolution.geometry, input: convolution.input)
            if geometries.insert(key).inserted {
                cases += KernelCase.convolution(
                    convolution.geometry, input: convolution.input, isFirst: index == 0)
            }
            let output = convolution.geometry.outputShape(for: convolution.input)
            if shapes.insert(output).inserted { passes += KernelCase.passes(over: output) }
        }
        self.cases = (cases + passes).filter { text.isEmpty || $0.name.contains(text) }
    }

    private struct GeometryAtShape: Hashable {
        let geometry: ConvolutionGeometry
        let input: Shape
    }

    /// Compares each kernel's results on one image with the reference backend's.
    /// - Throws: `BenchmarkError.wrong`.
    public func check() throws {
        let reference = ReferenceBackend(threads: backend.threads)
        for item in cases {
            let (got, expected) = (item.prepare(backend, 1)(), item.prepare(reference, 1)())
            for (got, expected) in zip(got, expected) {
                let (got, expected) = (got.elements, expected.elements)
                let scale = expected.reduce(1e-3) { max($0, abs($1)) }
                let error = zip(got, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
                guard error <= 2e-4 * scale else {
                    throw BenchmarkError.wrong(item.name, error: Double(error / scale))
                }
            }
        }
    }

    /// Medians over `repetitions` runs of each kernel, each of which takes turns with the measurement of its limit.
    public func figures(repetitions: Int) -> [Figure] {
        let limits = MachineLimits(threads: backend.threads, backend)
        return cases.map { item in
            let run = item.prepare(backend, item.batch)
            _ = run()
            var (times, ceilings): ([Double], [Double]) = ([], [])
            for _ in 0..<repetitions {
                times.append(seconds { _ = run() })
                switch item.work {
                case .operations: ceilings.append(limits.matrixProduct())
                case .bytes: ceilings.append(limits.memoryBandwidth())
                }
            }
            switch item.work {
            case .operations(let count):
                return Figure(
                    item.name, Double(count) / median(times) / 1e9, "GFLOP/s", limit: median(ceilings) / 1e9,
                    limitName: "a matrix product")
            case .bytes(let count):
                return Figure(
                    item.name, Double(count) / median(times) / 1e9, "GB/s", limit: median(ceilings) / 1e9,
                    limitName: "the memory's bandwidth")
            }
        }
    }
}
