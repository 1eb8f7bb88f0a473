import Foundation

/// This machine, as host files name it.
package enum LocalHost {
    /// Its own name.
    package static var name: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Whether a name or an address, with a user before it or without, is this machine's: mpirun needs no agent for it.
    package static func isNamed(_ text: String) -> Bool {
        let host = text.split(separator: "@").last.map(String.init) ?? text
        return host == "localhost" || host == name || isBindable(host)
    }

    /// A socket can have a machine's own addresses, and no others.
    private static func isBindable(_ host: String) -> Bool {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return false }
        defer { freeaddrinfo(list) }
        var entry = list
        while let address = entry?.pointee {
            let descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
            defer { close(descriptor) }
            if descriptor >= 0, bind(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return true }
            entry = address.ai_next
        }
        return false
    }
}
