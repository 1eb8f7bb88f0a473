import Foundation

/// Numbers as people read them.
enum Figure {
    /// `57.3 %` of 0.573.
    static func percent(_ share: Double, digits: Int = 1) -> String {
        share.isFinite ? String(format: "%.\(digits)f %%", 100 * share) : "–"
    }

    /// Four significant digits.
    static func short(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "not a number" : value > 0 ? "∞" : "−∞" }
        return String(format: "%.4g", value).replacingOccurrences(of: "-", with: "−")
    }

    /// Of images, as in `134.2`.
    static func rate(_ value: Double) -> String { String(format: "%.1f", value) }

    /// As in `1 h 05 min`, `3 min 20 s`, `12.5 s`, `80 ms`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite else { return "–" }
        switch seconds {
        case ..<1: return String(format: "%.3g ms", 1000 * seconds)
        case ..<60: return String(format: "%.1f s", seconds)
        case ..<3600:
            let whole = Int(seconds.rounded())
            return "\(whole / 60) min \(String(format: "%02d", whole % 60)) s"
        default:
            let minutes = Int((seconds / 60).rounded())
            return "\(minutes / 60) h \(String(format: "%02d", minutes % 60)) min"
        }
    }

    static func bytes(_ count: Int) -> String { String(format: "%.3g GiB", Double(count) / 1_073_741_824) }

    /// As in `1 image`, `2 images`.
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// As in `2027-01-15 08:00:00 UTC`.
    static func time(_ date: Date) -> String {
        date.formatted(.iso8601).replacing("T", with: " ").replacing("Z", with: " UTC")
    }
}
