/// XXH64 (Collet, https://github.com/Cyan4973/xxHash, "xxHash fast digest algorithm", XXH64): a checksum against accidents,
/// not against attackers, at the speed of memory.
package struct XXHash64 {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5
    private static let stripe = 32

    private var lane1, lane2, lane3, lane4: UInt64
    private let seed: UInt64
    private var length: UInt64 = 0
    /// Bytes that do not yet fill a stripe.
    private var pending: [UInt8] = []

    package init(seed: UInt64 = 0) {
        self.seed = seed
        lane1 = seed &+ Self.prime1 &+ Self.prime2
        lane2 = seed &+ Self.prime2
        lane3 = seed
        lane4 = seed &- Self.prime1
    }

    /// The checksum of all the bytes.
    package static func hash(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
        var hasher = XXHash64(seed: seed)
        hasher.update(bytes)
        return hasher.finish()
    }

    package mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        length += UInt64(bytes.count)
        var start = 0
        if !pending.isEmpty {
            start = min(Self.stripe - pending.count, bytes.count)
            pending.append(contentsOf: bytes[..<start])
            if pending.count < Self.stripe { return }
            pending.withUnsafeBytes { absorb($0) }
            pending.removeAll(keepingCapacity: true)
        }
        let whole = (bytes.count - start) / Self.stripe * Self.stripe
        absorb(UnsafeRawBufferPointer(rebasing: bytes[start..<start + whole]))
        pending.append(contentsOf: bytes[(start + whole)...])
    }

    package func finish() -> UInt64 {
        var hash: UInt64
        if length >= UInt64(Self.stripe) {
            hash = rotate(lane1, 1) &+ rotate(lane2, 7) &+ rotate(lane3, 12) &+ rotate(lane4, 18)
            for lane in [lane1, lane2, lane3, lane4] {
                hash = (hash ^ Self.round(0, lane)) &* Self.prime1 &+ Self.prime4
            }
        } else {
            hash = seed &+ Self.prime5
        }
        hash &+= length
        pending.withUnsafeBytes { tail in
            var offset = 0
            while offset + 8 <= tail.count {
                let word = UInt64(littleEndian: tail.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                hash = rotate(hash ^ Self.round(0, word), 27) &* Self.prime1 &+ Self.prime4
                offset += 8
            }
            if offset + 4 <= tail.count {
                let word = UInt32(littleEndian: tail.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                hash = rotate(hash ^ (UInt64(word) &* Self.prime1), 23) &* Self.prime2 &+ Self.prime3
                offset += 4
            }
            for byte in tail[offset...] {
                hash = rotate(hash ^ (UInt64(byte) &* Self.prime5), 11) &* Self.prime1
            }
        }
        hash = (hash ^ (hash >> 33)) &* Self.prime2
        hash = (hash ^ (hash >> 29)) &* Self.prime3
        return hash ^ (hash >> 32)
    }

    /// Takes in whole stripes of 32 bytes.
    private mutating func absorb(_ stripes: UnsafeRawBufferPointer) {
        func word(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: stripes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        for offset in stride(from: 0, to: stripes.count, by: Self.stripe) {
            lane1 = Self.round(lane1, word(offset))
            lane2 = Self.round(lane2, word(offset + 8))
            lane3 = Self.round(lane3, word(offset + 16))
            lane4 = Self.round(lane4, word(offset + 24))
        }
    }

    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotate(lane &+ (word &* prime2), 31) &* prime1
    }
}

private func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
    (word << count) | (word >> (64 - count))
}
