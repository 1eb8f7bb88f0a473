import Collectives
import Foundation

extension JobWatch {
    /// Where the watch's words and deeds go.
    public struct Outlets: Sendable {
        public var warn: @Sendable (String) -> Void = { FileHandle.standardError.write(line: "warning: \($0)") }
        public var note: @Sendable (String) -> Void = { FileHandle.standardOutput.write(line: $0) }
        public var report: @Sendable (FailureBanner) -> Void = { $0.print() }
        /// Ends the process.
        public var end: @Sendable (Int32) -> Void = { _exit($0) }

        public init() {}
    }
}

extension FileHandle {
    fileprivate func write(line: String) { write(Data((line + "\n").utf8)) }
}
