import Foundation

/// A network interface that is up.
struct NetworkInterface: Codable, Hashable, Sendable {
    let name: String
    let isLoopback: Bool
    let addresses: [NetworkAddress]
    /// In Mbit/s, where the driver tells.
    let speed: Int?

    /// Those of this host that are up and have an IPv4 address, which is what Open MPI's TCP takes by default.
    static func all() -> [NetworkInterface] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var addresses: [String: [NetworkAddress]] = [:]
        var names: [String] = []
        var loopbacks: Set<String> = []
        for entry in sequence(first: list, next: { $0?.pointee.ifa_next }) {
            guard let entry = entry?.pointee, entry.ifa_flags & UInt32(IFF_UP) != 0 else { continue }
            let name = String(cString: entry.ifa_name)
            guard let address = number(entry.ifa_addr), let mask = number(entry.ifa_netmask) else { continue }
            if addresses[name] == nil { names.append(name) }
            if entry.ifa_flags & UInt32(IFF_LOOPBACK) != 0 { loopbacks.insert(name) }
            addresses[name, default: []].append(NetworkAddress(address, prefix: mask.nonzeroBitCount))
        }
        return names.map { name in
            NetworkInterface(
                name: name, isLoopback: loopbacks.contains(name), addresses: addresses[name] ?? [],
                speed: speed(of: name))
        }
    }

    private static func number(_ address: UnsafeMutablePointer<sockaddr>?) -> UInt32? {
        guard let address, address.pointee.sa_family == sa_family_t(AF_INET) else { return nil }
        return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
            UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
        }
    }

    private static func speed(of name: String) -> Int? {
        let text = try? KernelFile.text("/sys/class/net/\(name)/speed")
        return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// As in `eth0 10.0.0.5/24, 10 Gbit/s`.
    var text: String {
        let rate = speed.map { $0 >= 1000 ? ", \(Fact.text(Double($0) / 1000, "Gbit/s"))" : ", \($0) Mbit/s" }
        return "\(name) \(addresses.map(\.text).joined(separator: " "))\(rate ?? "")"
    }
}

/// An IPv4 address and the length of its network's prefix.
struct NetworkAddress: Codable, Hashable, Sendable {
    let number: UInt32
    let prefix: Int

    init(_ number: UInt32, prefix: Int) {
        self.number = number
        self.prefix = prefix
    }

    /// As in `10.0.0.5/24`; Open MPI also takes `10.0.0/24`.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/")
        guard parts.count == 2, let prefix = Int(parts[1]), (0...32).contains(prefix) else { return nil }
        let bytes = parts[0].split(separator: ".").map { UInt8($0) }
        guard (1...4).contains(bytes.count) else { return nil }
        var number: UInt32 = 0
        for position in 0..<4 {
            let byte = position < bytes.count ? bytes[position] : 0
            guard let byte else { return nil }
            number = number << 8 | UInt32(byte)
        }
        self.init(number, prefix: prefix)
    }

    /// The same with only the prefix's bits.
    var network: NetworkAddress {
        NetworkAddress(prefix == 0 ? 0 : number & (.max << UInt32(32 - prefix)), prefix: prefix)
    }

    func contains(_ other: NetworkAddress) -> Bool {
        NetworkAddress(other.number, prefix: prefix).network == network
    }

    var host: String { (0..<4).map { String(number >> UInt32(24 - 8 * $0) & 255) }.joined(separator: ".") }
    var text: String { "\(host)/\(prefix)" }
}
