// Run under mpirun by CollectivesTests: each command exercises one behaviour of MPICollectives.

import Collectives
import Foundation
import MPICollectives
import Watching

let arguments = CommandLine.arguments
guard arguments.count >= 2, let command = SelfTest(rawValue: arguments[1]) else {
    print("usage: mpi-selftest COMMAND [NUMBER] [watched]: \(SelfTest.allCases.map(\.rawValue).joined(separator: " "))")
    exit(64)
}
let number = arguments.count > 2 ? Int(arguments[2]) : nil
var options = MPIOptions(environment: ProcessInfo.processInfo.environment)
if let limit = ProcessInfo.processInfo.environment["SELFTEST_MESSAGE_LIMIT"].flatMap(Int.init) {
    options.messageLimit = limit
}
let isWatched = arguments.last == "watched"
exit(
    runJob(options: options, watchedBy: { isWatched ? try JobWatch(on: $0) : nil }) {
        try command.run(on: $0, number: number)
    })
