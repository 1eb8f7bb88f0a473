import CProcesses
import Foundation

/// What a job leaves running on this host when its mpirun has ended.
enum LeftProcesses {
    /// Makes descendants of this process its children when their parents end, so that none is lost sight of.
    static func adopt() { CProcesses_adopt_orphans() }

    /// Waits for all children of this process to end, and ends those that do not.
    /// - Parameter patience: in seconds.
    /// - Returns: those that even SIGKILL did not end, such as one that waits for a dead disk.
    static func end(patience: Double = 2) -> [pid_t] {
        let start = Date()
        while true {
            while waitpid(-1, nil, WNOHANG) > 0 {}
            let children = children
            let seconds = Date().timeIntervalSince(start)
            if children.isEmpty || seconds > patience + 5 { return children }
            // Again and again, as their children come here when they end.
            if seconds > patience { for child in children { kill(child, SIGKILL) } }
            usleep(20_000)
        }
    }

    private static var children: [pid_t] {
        let own = getpid()
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { pid_t($0) }.filter { parent(of: $0) == own }
    }

    /// From `/proc/…/stat`, where it stands behind the name, which may have blanks and parentheses, and the state.
    private static func parent(of process: pid_t) -> pid_t? {
        guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        return fields.count > 1 ? pid_t(fields[1]) : nil
    }
}
