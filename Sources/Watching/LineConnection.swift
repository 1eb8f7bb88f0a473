import Foundation

/// A TCP connection that carries lines of text and never blocks. Several threads may send; one receives.
final class LineConnection: @unchecked Sendable {
    let descriptor: Int32
    private let lock = NSLock()
    // Guarded by the lock.
    private var unsent: [UInt8] = []
    private var isBroken = false
    private var received: [UInt8] = []

    /// Takes ownership of a connected socket.
    init(descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(descriptor) }

    /// Sends what the network takes now and keeps the rest for the next time.
    func send(_ line: String = "") {
        lock.withLock {
            // A rank that is stopped reads nothing; what it misses is of no use later.
            if unsent.count > Self.limit { return }
            if !line.isEmpty { unsent += Array("\(line)\n".utf8) }
            while !unsent.isEmpty, !isBroken {
                let count = unsent.withUnsafeBytes {
                    Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    isBroken = errno != EAGAIN
                    return
                }
                unsent.removeFirst(count)
            }
        }
    }

    /// The whole lines that have come; nil once the other side has gone, after its last lines.
    func receive() -> [Substring]? {
        var isOver = false
        var piece = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = piece.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { break }
            guard count > 0, received.count < Self.limit else {
                isOver = true
                break
            }
            received += piece[..<count]
        }
        guard let end = received.lastIndex(of: UInt8(ascii: "\n")) else { return isOver ? nil : [] }
        let text = String(decoding: received[..<end], as: UTF8.self)
        received.removeFirst(end + 1)
        return text.split(separator: "\n")
    }

    private static let limit = 1 << 20
}
