import Tensors

/// Damages bytes by chance: the same generator gives the same damage.
struct Mutator {
    var generator: RandomGenerator
    /// Pieces that the format gives a meaning to.
    private let tokens: [[UInt8]]

    init(_ generator: RandomGenerator, tokens: [[UInt8]]) {
        self.generator = generator
        self.tokens = tokens
    }

    /// A damaged copy of one of the seeds, at times with a part of another; and the seed's number.
    mutating func mutate(oneOf seeds: [[UInt8]]) -> (bytes: [UInt8], seed: Int) {
        let seed = generator.index(below: seeds.count)
        var bytes = seeds[seed]
        for _ in 0...generator.index(below: 6) {
            guard !bytes.isEmpty else { break }
            damage(&bytes, seeds: seeds)
        }
        return (bytes, seed)
    }

    private mutating func damage(_ bytes: inout [UInt8], seeds: [[UInt8]]) {
        let place = generator.index(below: bytes.count)
        switch generator.index(below: 12) {
        case 0, 1: bytes[place] ^= 1 << UInt8(generator.index(below: 8))
        case 2: bytes[place] = UInt8(generator.index(below: 256))
        case 3: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF][generator.index(below: 5)]
        case 4, 5: overwrite(&bytes, at: place & ~3, with: number())
        case 6: bytes.removeSubrange(range(from: place, in: bytes))
        case 7: bytes.insert(contentsOf: bytes[range(from: place, in: bytes)], at: place)
        case 8: bytes.insert(contentsOf: (0...generator.index(below: 8)).map { _ in byte() }, at: place)
        case 9:
            let other = seeds[generator.index(below: seeds.count)]
            guard !other.isEmpty else { return }
            let piece = other[range(from: generator.index(below: other.count), in: other)]
            overwrite(&bytes, at: place, with: Array(piece))
        case 10 where !tokens.isEmpty:
            let token = tokens[generator.index(below: tokens.count)]
            if generator.index(below: 2) == 0 {
                bytes.insert(contentsOf: token, at: place)
            } else {
                overwrite(&bytes, at: place, with: token)
            }
        // Seldom, as little is left to read.
        default: if generator.index(below: 4) == 0 { bytes.removeSubrange(place...) }
        }
    }

    /// Four bytes of a number at the edge of something, in either order.
    private mutating func number() -> [UInt8] {
        let values: [UInt32] = [
            0, 1, 2, 4, 8, 16, 64, 127, 128, 255, 256, 32767, 65535, 65536, 1 << 20, 1 << 24, 1 << 30, 0x7FFF_FFFF,
            0x8000_0000, 0xFFFF_FFF8, 0xFFFF_FFFF,
        ]
        let value = values[generator.index(below: values.count)]
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
        return generator.index(below: 2) == 0 ? bytes : bytes.reversed()
    }

    private mutating func byte() -> UInt8 { UInt8(generator.index(below: 256)) }

    private mutating func range(from start: Int, in bytes: [UInt8]) -> Range<Int> {
        let most = generator.index(below: 8) == 0 ? bytes.count : 16
        return start..<min(bytes.count, start + 1 + generator.index(below: most))
    }

    private func overwrite(_ bytes: inout [UInt8], at place: Int, with piece: [UInt8]) {
        let end = min(bytes.count, place + piece.count)
        bytes.replaceSubrange(place..<end, with: piece.prefix(end - place))
    }
}
