import Tensors
import Testing

@Suite struct ShapeTests {
    @Test func namesTheDimensionsOfImages() {
        let shape: Shape = [2, 3, 5, 7]
        #expect((shape.batch, shape.channels, shape.height, shape.width) == (2, 3, 5, 7))
        #expect(shape.positions == 35)
        #expect(shape.elementCount == 210)
        #expect(shape.rank == 4)
        #expect(shape[2] == 5)
    }

    @Test func countsElementsOfScalarsAndOfNothing() {
        #expect(Shape([]).elementCount == 1)
        #expect(Shape([4, 0, 2]).elementCount == 0)
    }

    @Test func isDescribedAsATuple() {
        #expect("\(Shape([16, 64, 56, 56]))" == "(16, 64, 56, 56)")
    }

    @Test func negativeDimensionsTrap() async {
        await #expect(processExitsWith: .failure) { _ = Shape([2, -1]) }
    }
}

@Suite struct LayoutTests {
    @Test func rowMajorStoresTheElementsOnly() {
        #expect(Layout.rowMajor.storageCount(for: [2, 3, 5, 7]) == 210)
    }

    @Test(arguments: [(1, 8, 8), (8, 8, 8), (9, 8, 16), (16, 16, 16), (17, 16, 32), (3, 16, 16)])
    func blockedStoresWholeBlocksOfChannels(channels: Int, block: Int, stored: Int) {
        #expect(Layout.channelBlocked(block).storageCount(for: [2, channels, 3, 5]) == 2 * stored * 15)
    }

    @Test func packedSaysItsOwnSize() {
        let packed = PackedLayout(identifier: "OIhw16i16o", storageCount: 1234)
        #expect(Layout.packed(packed).storageCount(for: [3, 3, 1, 1]) == 1234)
    }
}
