import Testing
import Training

@Suite struct CheckpointChecksumTests {
    /// Values from the algorithm's reference implementation.
    @Test(
        arguments: [
            ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
            ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
        ] as [(String, UInt64)])
    func agreesWithTheReference(text: String, expected: UInt64) {
        #expect(XXHash64.hash(Array(text.utf8)) == expected)
    }

    @Test func aSeedChangesTheChecksumAsInTheReference() {
        #expect(XXHash64.hash(Array("xxhash".utf8), seed: 20_141_025) == 0xB559_B98D_844E_0635)
    }

    @Test func piecesOfAnySizeGiveTheChecksumOfTheWhole() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 * $0) }
        for piece in 1...100 {
            var hasher = XXHash64()
            for start in stride(from: 0, to: bytes.count, by: piece) {
                hasher.update(Array(bytes[start..<min(start + piece, bytes.count)]))
            }
            #expect(hasher.finish() == XXHash64.hash(bytes), "pieces of \(piece)")
        }
    }
}
