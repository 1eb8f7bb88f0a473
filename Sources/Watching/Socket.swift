import Foundation

/// TCP sockets by numeric addresses, of either version of the Internet Protocol.
enum Socket {
    /// A socket that listens on a free port of all interfaces.
    /// - Throws: `WatchError`.
    static func listening() throws(WatchError) -> (descriptor: Int32, port: UInt16) {
        // One connection a rank may be more than the usual limit of open files.
        var files = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0 {
            files.rlim_cur = files.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        // Of version 6, which takes connections of version 4 too, where the host has it.
        for family in [AF_INET6, AF_INET] {
            let descriptor = socket(family, type, 0)
            guard descriptor >= 0 else { continue }
            var address = sockaddr_storage()
            address.ss_family = sa_family_t(family)
            var length = socklen_t(
                family == AF_INET6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
            var no: Int32 = 0
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &no, socklen_t(MemoryLayout<Int32>.size))
            let status = withGeneric(&address) { generic in
                let bound = bind(descriptor, generic, length)
                return bound == 0 && listen(descriptor, 1024) == 0 ? getsockname(descriptor, generic, &length) : -1
            }
            if status == 0 {
                // The port stands at the same place in both versions' addresses.
                let port = withGeneric(&address) { generic in
                    UnsafeRawPointer(generic).loadUnaligned(fromByteOffset: 2, as: UInt16.self)
                }
                return (descriptor, UInt16(bigEndian: port))
            }
            close(descriptor)
        }
        throw WatchError(reason: "cannot listen for the other ranks: \(String(cString: strerror(errno)))")
    }

    /// The addresses of this host that others may know it by.
    static var ownAddresses: [String] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var addresses: [String] = []
        var entry = list
        while let interface = entry?.pointee {
            entry = interface.ifa_next
            guard let address = interface.ifa_addr, interface.ifa_flags & UInt32(IFF_UP) != 0,
                interface.ifa_flags & UInt32(IFF_LOOPBACK) == 0
            else { continue }
            let family = Int32(address.pointee.sa_family)
            guard family == AF_INET || family == AF_INET6 else { continue }
            let size = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
            var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            guard getnameinfo(address, socklen_t(size), &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0
            else { continue }
            let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            // An address that only one cable knows.
            if !text.hasPrefix("fe80:") { addresses.append(text) }
        }
        return addresses
    }

    /// A connected socket, or nil if nobody answers in time.
    static func connected(to address: String, port: UInt16, seconds: Double) -> Int32? {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var result: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, String(port), &hints, &result) == 0, let info = result?.pointee else { return nil }
        defer { freeaddrinfo(result) }
        let descriptor = socket(
            info.ai_family, info.ai_socktype | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        if connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 { return descriptor }
        if errno == EINPROGRESS, wait(for: [descriptor], writing: true, seconds: seconds) {
            var error: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            if getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0, error == 0 { return descriptor }
        }
        close(descriptor)
        return nil
    }

    /// Waits until one of the descriptors is ready, or the time is over.
    @discardableResult
    static func wait(for descriptors: [Int32], writing: Bool = false, seconds: Double) -> Bool {
        let events = Int16(writing ? POLLOUT : POLLIN)
        var polled = descriptors.map { pollfd(fd: $0, events: events, revents: 0) }
        return poll(&polled, nfds_t(polled.count), Int32(seconds * 1000)) > 0
    }

    private static func withGeneric<Result>(
        _ address: inout sockaddr_storage, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }
}

/// The ranks cannot be watched.
public struct WatchError: Error, CustomStringConvertible {
    let reason: String

    public var description: String { "\(reason); set AAM_WATCH=0 to do without the watch over stalled and lost ranks" }
}
