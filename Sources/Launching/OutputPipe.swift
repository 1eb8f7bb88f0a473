import Foundation

/// A pipe from which what a program writes is read without waiting for it.
final class OutputPipe {
    private let descriptor: Int32
    /// The end that is the program's.
    private(set) var input: Int32
    /// Whether more may come.
    private var isOpen = true

    /// - Returns: nil if the system refuses, with the reason in `errno`.
    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (descriptor, input) = (ends[0], ends[1])
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit {
        closeInput()
        close(descriptor)
    }

    /// Once the program has it, so that the pipe ends with the program.
    func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    /// Everything that has come since the last call.
    func read() -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 14)
        while isOpen {
            let count = piece.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0 { break }
            bytes += piece[..<count]
            isOpen = count > 0
        }
        return bytes
    }

    /// Waits until one of the pipes, or the descriptor, can be read, or for that time.
    static func wait(for pipes: [OutputPipe], or descriptor: Int32? = nil, seconds: Double) {
        let all = pipes.filter(\.isOpen).map(\.descriptor) + (descriptor.map { [$0] } ?? [])
        var waits = all.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = poll(&waits, nfds_t(waits.count), Int32(max(0, seconds) * 1000))
    }
}
