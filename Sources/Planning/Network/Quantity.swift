import Foundation

/// Numbers with units, as tc writes them.
public enum Quantity {
    /// Bits a second: `10gbit`, `100mbit`, `56Gbit/s`; also bytes, `12.5GB/s`.
    /// - Returns: nil unless it is such a number above 0.
    public static func rate(_ text: String) -> Double? {
        var text = text.lowercased()
        if text.hasSuffix("/s") { text.removeLast(2) }
        let units = ["bit": 1.0, "b": 8.0]
        let prefixes = ["k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12]
        return value(text) { unit in
            guard let prefix = prefixes[String(unit.prefix(1))] else { return nil }
            return units[String(unit.dropFirst())].map { prefix * $0 }
        }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Seconds: `50us`, `0.1ms`, `2ns`, `1s`.
    /// - Returns: nil unless it is such a number of at least 0.
    public static func time(_ text: String) -> Double? {
        let units = ["ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0]
        return value(text.lowercased()) { units[$0] }
    }

    private static func value(_ text: String, unit: (String) -> Double?) -> Double? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits), number.isFinite,
            let factor = unit(text.dropFirst(digits.count).trimmingCharacters(in: .whitespaces))
        else { return nil }
        return number * factor
    }
}
