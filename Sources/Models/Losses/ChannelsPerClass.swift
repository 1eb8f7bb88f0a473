/// How many channels of the last feature map CC-Loss gives to a class.
public enum ChannelsPerClass: Hashable, Sendable {
    /// η, the same for every class; channels beyond η times the classes are left out.
    case fixed(Int)
    /// All of them, shared out evenly: the last classes get one more where they do not divide.
    case auto

    /// The channels of each class; nil if there are too few.
    public func groups(channels: Int, classes: Int) -> [Range<Int>]? {
        switch self {
        case .fixed(let size):
            guard size * classes <= channels else { return nil }
            return (0..<classes).map { $0 * size..<($0 + 1) * size }
        case .auto:
            let (size, rest) = channels.quotientAndRemainder(dividingBy: classes)
            guard size > 0 else { return nil }
            var end = 0
            return (0..<classes).map { index in
                let start = end
                end += index < classes - rest ? size : size + 1
                return start..<end
            }
        }
    }

    /// `auto`, or a number of at least 1; else nil.
    public init?(_ text: String) {
        if text == "auto" {
            self = .auto
        } else if let size = Int(text), size > 0 {
            self = .fixed(size)
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .fixed(let size): String(size)
        case .auto: "auto"
        }
    }
}

extension ChannelsPerClass: CodableAsText {
    public static var form: String { "`auto` or a number of at least 1" }
}
