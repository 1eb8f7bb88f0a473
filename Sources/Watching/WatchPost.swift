/// One rank's place in the watch. Its functions may be called by any thread.
protocol WatchPost: AnyObject, Sendable {
    /// What becomes readable when there is something to attend to.
    var descriptors: [Int32] { get }

    /// A connection on which a handler of faults can tell another rank; nil where there is none.
    var faultDescriptor: Int32? { get }

    /// Reads what other ranks have sent.
    func attend() -> [WatchEvent]

    /// Tells the others of this rank, and looks whether any of them has not been heard of for too long.
    /// - Parameter seconds: since the last call, of which only those that this process was awake count.
    func tick(seconds: Double, own: RankStatus) -> [WatchEvent]

    /// What the ranks are at, as far as it is known here.
    var lines: [String] { get }

    /// Asks whether this rank is the first that wants to report a failure. If so, the others keep quiet.
    /// - Returns: nil where no rank can answer.
    func mayReport(exitCode: Int32) -> Bool?

    /// This rank reports the failure of another: the others keep quiet.
    func hush(exitCode: Int32)

    /// A failure has been reported: the others end.
    func announce(exitCode: Int32)

    /// From now on this rank's silence means nothing.
    func leave()
}

/// What goes over the connections, a line each.
enum WatchMessage {
    case hello(token: String, rank: Int, host: String)
    case status(RankStatus)
    /// From rank 0: it lives; whether the receiver stands in for it if it no longer does; and what it does.
    case alive(isDeputy: Bool, RankStatus)
    /// The sender was ended by a signal.
    case ended(signal: Int32)
    /// The sender reports a failure, if it may, and ends.
    case reporting(exitCode: Int32)
    /// From rank 0: the receiver is the first that reports.
    case mayReport
    /// From rank 0: another rank reports a failure, for which all will end.
    case reported(exitCode: Int32)
    /// The receiver ends.
    case end(exitCode: Int32)
    case leave

    init?(_ line: Substring) {
        let parts = line.split(separator: " ", maxSplits: 1)
        guard let verb = parts.first else { return nil }
        let rest = parts.count > 1 ? parts[1] : ""
        switch verb {
        case "hello":
            let fields = rest.split(separator: " ", maxSplits: 2)
            guard fields.count == 3, let rank = Int(fields[1]) else { return nil }
            self = .hello(token: String(fields[0]), rank: rank, host: String(fields[2]))
        case "status", "alive", "deputy":
            guard let status = RankStatus(line: rest) else { return nil }
            self = verb == "status" ? .status(status) : .alive(isDeputy: verb == "deputy", status)
        case "ended", "reporting", "reported", "end":
            guard let number = Int32(rest) else { return nil }
            switch verb {
            case "ended": self = .ended(signal: number)
            case "reporting": self = .reporting(exitCode: number)
            case "reported": self = .reported(exitCode: number)
            default: self = .end(exitCode: number)
            }
        case "mayReport":
            self = .mayReport
        case "leave":
            self = .leave
        default:
            return nil
        }
    }

    var line: String {
        switch self {
        case .hello(let token, let rank, let host): "hello \(token) \(rank) \(host)"
        case .status(let status): "status \(status.line ?? "")"
        case .alive(let isDeputy, let status): "\(isDeputy ? "deputy" : "alive") \(status.line ?? "")"
        case .ended(let signal): "ended \(signal)"
        case .reporting(let exitCode): "reporting \(exitCode)"
        case .mayReport: "mayReport"
        case .reported(let exitCode): "reported \(exitCode)"
        case .end(let exitCode): "end \(exitCode)"
        case .leave: "leave"
        }
    }
}

/// How the other ranks find rank 0.
struct WatchContact: Sendable {
    /// Tells this job's ranks from strangers.
    let token: String
    let port: UInt16
    let host: String
    let addresses: [String]

    init(port: UInt16, host: String, addresses: [String]) {
        token = String(UInt64.random(in: .min ... .max), radix: 36)
        self.port = port
        self.host = host
        self.addresses = addresses
    }

    /// As texts that ranks can send.
    var texts: [String] { [token, String(port), host] + addresses }

    init?(texts: [String]) {
        guard texts.count >= 3, let port = UInt16(texts[1]) else { return nil }
        token = texts[0]
        self.port = port
        host = texts[2]
        addresses = Array(texts[3...])
    }
}
