import Foundation
import Kernels

/// What `/proc/cpuinfo` says.
package struct ProcessorInventory: Equatable {
    package let model: String
    package let sockets: Int
    package let cores: Int
    /// Hardware threads.
    package let processors: Int
    package let flags: Set<String>

    package init(cpuinfo: String) {
        var model = "unknown"
        var sockets: Set<String> = []
        var cores: Set<[String]> = []
        var processors = 0
        var socket = "0"
        for line in cpuinfo.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "processor": processors += 1
            case "model name": model = parts[1]
            case "physical id":
                socket = parts[1]
                sockets.insert(socket)
            case "core id": cores.insert([socket, parts[1]])
            default: break
            }
        }
        self.model = model
        self.processors = processors
        // Some processors, and virtual ones, tell of no sockets or cores.
        self.sockets = max(1, sockets.count)
        self.cores = cores.isEmpty ? processors : cores.count
        flags = OpenBLASCore.cpuFlags(in: cpuinfo)
    }
}
