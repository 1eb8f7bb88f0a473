import Collectives
import Testing

@Suite struct ReductionPiecesTests {
    @Test(arguments: [2, 3, 4, 15, 16, 17, 63, 64, 256, 1024])
    func messagesOfASliceAreSentAtOnceAndMissNothing(nodes: Int) {
        let count = ReductionPieces.bytes(nodes: nodes) / MemoryLayout<Float>.stride
        for leader in 0..<nodes {
            let bytes = ReductionPieces.slice(of: leader, count: count, nodes: nodes).count * MemoryLayout<Float>.stride
            let messages = ReductionPieces.messages(bytes: bytes)
            #expect(messages.first?.lowerBound == 0 && messages.last?.upperBound == bytes)
            #expect(zip(messages, messages.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
            // Open MPI's limit over TCP, but for a header.
            #expect(messages.allSatisfy { $0.count < 64 << 10 && $0.count > 16 << 10 })
        }
    }

    @Test func nothingIsNoMessage() {
        #expect(ReductionPieces.messages(bytes: 0).isEmpty)
        #expect(ReductionPieces.messages(bytes: 1) == [0..<1])
    }
}
