/// After how long the watch speaks and acts, in seconds.
public struct WatchLimits: Hashable, Sendable {
    /// Without progress, to name the ranks that cause it; 0 for never.
    public var warning: Double
    /// Without progress, to end the job; 0 for never.
    public var timeout: Double
    /// Between two words of a rank.
    public var interval: Double

    public init(warning: Double = 60, timeout: Double = 600, interval: Double = 1) {
        self.warning = warning
        self.timeout = timeout
        self.interval = interval
    }
}
