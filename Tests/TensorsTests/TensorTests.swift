import Tensors
import Testing

@Suite struct TensorTests {
    /// 1, 2, 3 …
    private func counting(_ shape: Shape) -> [Float] { (0..<shape.elementCount).map { Float($0 + 1) } }

    private static let shapes: [Shape] = [[1, 1, 1, 1], [2, 3, 4, 5], [1, 8, 2, 2], [3, 17, 3, 1], [2, 33, 1, 7]]

    @Test(arguments: shapes, [Layout.rowMajor, .channelBlocked(8), .channelBlocked(16)])
    func elementsComeBackFromEveryLayout(shape: Shape, layout: Layout) {
        let tensor = Tensor(counting(shape), shape: shape, layout: layout)
        #expect(tensor.elements == counting(shape))
        #expect(tensor.storageCount == layout.storageCount(for: shape))
    }

    @Test(arguments: shapes, [8, 16])
    func blockedElementsLieWhereTheLayoutSays(shape: Shape, block: Int) {
        let tensor = Tensor(counting(shape), shape: shape, layout: .channelBlocked(block))
        let blocks = (shape.channels + block - 1) / block
        tensor.withUnsafeBufferPointer { stored in
            var index = 0
            // (N, blocks, H, W, block)
            for n in 0..<shape.batch {
                for outer in 0..<blocks {
                    for p in 0..<shape.positions {
                        for inner in 0..<block {
                            let c = outer * block + inner
                            let logical = (n * shape.channels + c) * shape.positions + p
                            #expect(stored[index] == (c < shape.channels ? Float(logical + 1) : 0))
                            index += 1
                        }
                    }
                }
            }
            #expect(index == stored.count)
        }
    }

    @Test func paddingIsZeroEvenInRecycledMemory() {
        let pool = StoragePool()
        let shape: Shape = [2, 5, 3, 3]
        do {
            let dirty = Tensor(shape, layout: .channelBlocked(8), pool: pool)
            dirty.withUnsafeMutableBufferPointer { $0.update(repeating: 9) }
        }
        let tensor = Tensor(counting(shape), shape: shape, layout: .channelBlocked(8), pool: pool)
        #expect(pool.statistics.systemAllocations == 1)
        #expect(tensor.withUnsafeBufferPointer { $0.count { $0 != 0 } } == shape.elementCount)
    }

    @Test func copyingElementsLeavesPaddingAlone() {
        let tensor = Tensor.zeros([1, 3, 1, 2], layout: .channelBlocked(4))
        tensor.copy(from: [1, 2, 3, 4, 5, 6])
        #expect(tensor.withUnsafeBufferPointer(Array.init) == [1, 3, 5, 0, 2, 4, 6, 0])
    }

    @Test func copiesOfTheValueShareTheElements() {
        let tensor = Tensor.zeros([3])
        let other = tensor
        other.withUnsafeMutableBufferPointer { $0[1] = 7 }
        #expect(tensor.elements == [0, 7, 0])
    }

    @Test func viewsReadAndWriteTheirPart() {
        let whole = Tensor(counting([12]), shape: [12])
        let view = whole.view(at: 4, shape: [2, 3])
        #expect(view.elements == [5, 6, 7, 8, 9, 10])
        view.zero()
        #expect(whole.elements == [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 11, 12])
        #expect(view.view(at: 3, shape: [3]).elements == [0, 0, 0])
        whole.copy(from: counting([12]))
        #expect(view.view(at: 3, shape: [3]).elements == [8, 9, 10])
    }

    @Test func viewsKeepTheirStorageAlive() {
        let pool = StoragePool()
        var view: Tensor? = Tensor(counting([100]), shape: [100], pool: pool).view(at: 50, shape: [2])
        let other = Tensor.zeros([100], pool: pool)
        #expect(view?.elements == [51, 52])
        #expect(pool.statistics.systemAllocations == 2)
        view = nil
        #expect(pool.statistics.bytesInUse == pool.statistics.bytesFromSystem / 2)
        #expect(other.elements.allSatisfy { $0 == 0 })
    }

    @Test func reshapingKeepsTheElements() {
        let tensor = Tensor(counting([2, 6]), shape: [2, 6])
        let reshaped = tensor.reshaped([3, 4])
        #expect(reshaped.shape == [3, 4])
        #expect(reshaped.elements == counting([12]))
    }

    @Test(arguments: [1, 100, 5000, 2_000_000])
    func storageBeginsOnACacheLine(count: Int) {
        for tensor in [Tensor([count]), Tensor([count], pool: StoragePool())] {
            let address = tensor.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
            #expect(address % 64 == 0)
        }
    }

    @Test func viewsOutsideTheTensorTrap() async {
        await #expect(processExitsWith: .failure) { _ = Tensor.zeros([10]).view(at: 8, shape: [3]) }
    }

    @Test func wrongNumberOfValuesTraps() async {
        await #expect(processExitsWith: .failure) { _ = Tensor([1, 2, 3], shape: [2, 2]) }
    }
}
