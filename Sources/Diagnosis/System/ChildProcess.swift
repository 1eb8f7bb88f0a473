import Foundation

/// How a program ended.
package enum ProcessEnd: Equatable {
    case exit(Int32)
    case signal(Int32)
    /// It did not end in time, and was killed.
    case timeout
    /// It could not be started, for this reason.
    case unstarted(String)

    /// Runs a program without input and output to its end.
    /// - Parameter seconds: that it may take.
    package static func run(_ path: String, _ arguments: [String], within seconds: Double) -> ProcessEnd {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        let argv = ([path] + arguments).map { strdup($0) } + [nil]
        let envp = ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var child = pid_t()
        let code = posix_spawn(&child, path, &actions, nil, argv, envp)
        guard code == 0 else { return .unstarted(String(cString: strerror(code))) }
        return end(of: child, within: seconds)
    }

    private static func end(of child: pid_t, within seconds: Double) -> ProcessEnd {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var status: Int32 = 0
        while true {
            let ended = waitpid(child, &status, WNOHANG)
            if ended == child { break }
            if ended < 0, errno != EINTR { return .unstarted(String(cString: strerror(errno))) }
            if ContinuousClock.now > deadline {
                kill(child, SIGKILL)
                waitpid(child, &status, 0)
                return .timeout
            }
            usleep(2000)
        }
        let signal = status & 0x7f
        return signal == 0 ? .exit((status >> 8) & 0xff) : .signal(signal)
    }
}
