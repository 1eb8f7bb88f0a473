import Foundation

/// How long this process has been running.
enum ProcessAge {
    /// Seconds since the kernel started the process, libraries' loading included, to a hundredth; nil if the kernel does
    /// not tell.
    static var seconds: Double? {
        // Fields are counted behind the program's name, the second, which may hold spaces; the start is the 22nd, in
        // clock ticks since boot (proc(5)).
        guard let line = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            let name = line.lastIndex(of: ")")
        else { return nil }
        let fields = line[name...].split(separator: " ")
        guard fields.count > 20, let start = Double(fields[20]) else { return nil }
        var now = timespec()
        guard clock_gettime(CLOCK_BOOTTIME, &now) == 0 else { return nil }
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9 - start / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
