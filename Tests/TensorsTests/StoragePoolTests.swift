import Tensors
import Testing

@Suite struct StoragePoolTests {
    @Test func secondEqualStepTakesNothingFromTheSystem() {
        let pool = StoragePool()
        func step() {
            let tensors = [[2, 64, 7, 7], [1000], [3, 3], [2, 64, 7, 7]].map { Tensor(Shape($0), pool: pool) }
            withExtendedLifetime(tensors) {}
        }
        step()
        let afterFirst = pool.statistics
        step()
        #expect(afterFirst.systemAllocations == 4)
        #expect(pool.statistics == afterFirst)
        #expect(afterFirst.bytesInUse == 0)
        #expect(afterFirst.peakBytesInUse == afterFirst.bytesFromSystem)
    }

    @Test func livingTensorsNeverShareMemory() {
        let pool = StoragePool()
        let tensors = (0..<10).map { index in
            let tensor = Tensor([100], pool: pool)
            tensor.withUnsafeMutableBufferPointer { $0.update(repeating: Float(index)) }
            return tensor
        }
        for (index, tensor) in tensors.enumerated() { #expect(tensor.elements.allSatisfy { $0 == Float(index) }) }
        #expect(pool.statistics.systemAllocations == 10)
    }

    @Test func similarSizesShareBlocks() {
        let pool = StoragePool()
        _ = Tensor([99_000], pool: pool)
        _ = Tensor([98_700], pool: pool)
        #expect(pool.statistics.systemAllocations == 1)
    }

    @Test(arguments: [1, 16, 17, 1000, 1025, 4097, 33_333, 1_000_001])
    func blocksAreAtMostAnEighthTooLarge(count: Int) {
        let pool = StoragePool()
        let tensor = Tensor([count], pool: pool)
        let (wanted, taken) = (tensor.storageCount * 4, pool.statistics.bytesInUse)
        #expect(taken >= wanted)
        #expect(taken <= max(wanted + 64, wanted * 9 / 8))
    }

    @Test func freeBlocksGoBackOnRequest() {
        let pool = StoragePool()
        let kept = Tensor.zeros([1000], pool: pool)
        _ = Tensor([5000], pool: pool)
        pool.releaseFreeBlocks()
        #expect(pool.statistics.bytesFromSystem == pool.statistics.bytesInUse)
        #expect(kept.elements.allSatisfy { $0 == 0 })
    }

    @Test func threadsMayShareAPool() async {
        let pool = StoragePool()
        let intact = await withTaskGroup(of: Bool.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    (0..<500).allSatisfy { round in
                        let tensor = Tensor([64 + round % 7 * 100], pool: pool)
                        tensor.withUnsafeMutableBufferPointer { $0.update(repeating: Float(worker)) }
                        return tensor.elements.allSatisfy { $0 == Float(worker) }
                    }
                }
            }
            return await group.allSatisfy { $0 }
        }
        #expect(intact)
        #expect(pool.statistics.bytesInUse == 0)
    }
}
