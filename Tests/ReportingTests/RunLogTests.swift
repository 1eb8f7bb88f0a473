import Foundation
import Reporting
import TestSupport
import Testing

struct RunLogTests {
    private let time = #/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z /#

    @Test func linesHaveTheTimeAndFollowEarlierRuns() throws {
        let folder = try TemporaryFolder()
        let path = folder("log.txt")
        try RunLog(path: path).write("RunLogTests: first run")
        let second = try RunLog(path: path)
        try second.write("RunLogTests: second run")
        let lines = try text(of: path).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.prefixMatch(of: time) != nil }, "\(lines)")
        #expect(
            lines.map { $0.dropFirst("2000-01-01T00:00:00Z ".count) } == [
                "RunLogTests: first run", "RunLogTests: second run",
            ])
    }

    @Test func fullDiskEndsNoRun() throws {
        let log = try RunLog(path: "/dev/full")
        try log.write("RunLogTests: nowhere to go")
        try log.write("RunLogTests: nor here")
    }
}
