import Collectives
import Foundation
import Kernels

/// The processor's kind, and which of the instructions that it announces work.
public struct ProcessorCheck: Check {
    public struct Observation: Codable, Sendable {
        let model: String
        let sockets: Int
        let cores: Int
        let processors: Int
        let trials: [Trial]
        let announcesAMX: Bool
    }

    /// A computation in a process of its own.
    public struct Trial: Codable, Hashable, Sendable {
        let kind: InstructionTrial
        /// Nil if the processor does not announce what it takes, so that it was not tried.
        let result: String?
        let isRight: Bool
    }

    public let name = "processors"
    public let scope = CheckScope.firstOfHost
    private let run: @Sendable (InstructionTrial) -> TrialEnd

    /// - Parameter command: the program and the first arguments with which it does the trial that the next one names, and
    ///   ends with exit code 0 if the result is right, 1 if not.
    public init(trialCommand command: [String]) {
        precondition(!command.isEmpty, "a trial without a program")
        run = { trial in
            TrialEnd(ProcessEnd.run(command[0], command.dropFirst() + [trial.rawValue], within: 60))
        }
    }

    package init(run: @escaping @Sendable (InstructionTrial) -> TrialEnd) {
        self.run = run
    }

    public func observe(at site: Site, on communicator: any Communicator) throws -> Observation {
        let cpuinfo = try KernelFile.text("/proc/cpuinfo")
        let inventory = ProcessorInventory(cpuinfo: cpuinfo)
        let trials = InstructionTrial.allCases.map { kind in
            guard inventory.flags.isSuperset(of: kind.cpuFlags) else {
                return Trial(kind: kind, result: nil, isRight: true)
            }
            let end = run(kind)
            return Trial(kind: kind, result: end.text, isRight: end == .right)
        }
        return Observation(
            model: inventory.model, sockets: inventory.sockets, cores: inventory.cores,
            processors: inventory.processors, trials: trials,
            announcesAMX: inventory.flags.contains { $0.hasPrefix("amx") })
    }

    public func facts(in observation: Observation) -> [Fact] {
        let trials = observation.trials.map { trial in
            "\(trial.kind.title) \(trial.result ?? "not announced")"
        }
        let size =
            "\(Fact.count(observation.sockets, "socket")), \(Fact.count(observation.cores, "core")), "
            + Fact.count(observation.processors, "hardware thread")
        return [
            Fact("model", observation.model), Fact("size", size),
            Fact(
                "tried",
                trials.joined(separator: ", ")
                    + (observation.announcesAMX ? ", AMX announced (aam does not use it)" : "")),
        ]
    }

    public func findings(in observations: [Observed<Observation>]) -> [Finding] {
        let names = SiteNames(observations.map(\.site))
        var findings = InstructionTrial.allCases.compactMap { kind -> Finding? in
            let failing = observations.filter { observed in
                observed.value.trials.contains { $0.kind == kind && !$0.isRight }
            }
            guard let first = failing.first, let trial = first.value.trials.first(where: { $0.kind == kind }) else {
                return nil
            }
            let place = names.name(failing.map(\.site.rank)).map { "on \($0), " } ?? ""
            return Finding(
                .problem,
                "\(place)a computation by \(kind.title) \(trial.result ?? "failed"), though the processor announces it",
                hint: kind.remedy)
        }
        if let text = Differences(observations).text({ $0.model }) {
            findings.append(
                Finding(
                    .note, "the hosts have different processors: \(text)",
                    hint:
                        "every step waits for the slowest host; results are the same bit for bit on equal processors only"
                ))
        }
        return findings
    }
}

/// How a trial ended.
package enum TrialEnd: Equatable {
    case right
    case wrong
    case failed(String)

    package init(_ end: ProcessEnd) {
        self =
            switch end {
            case .exit(0): .right
            case .exit(1): .wrong
            case .exit(let code): .failed("ended with exit code \(code)")
            case .signal(SIGILL): .failed("ended by an illegal instruction")
            case .signal(let number): .failed("ended by signal \(number)")
            case .timeout: .failed("did not end within a minute")
            case .unstarted(let reason): .failed("could not be started: \(reason)")
            }
    }

    var text: String {
        switch self {
        case .right: "works"
        case .wrong: "has a wrong result"
        case .failed(let how): how
        }
    }
}

extension InstructionTrial {
    fileprivate var title: String {
        switch self {
        case .avx2: "AVX2"
        case .avx512: "AVX-512"
        case .oneDNN: "oneDNN"
        case .openBLAS: "OpenBLAS"
        }
    }

    fileprivate var remedy: String {
        switch self {
        case .avx2, .avx512:
            "the virtual machine's processor type announces what it cannot run: choose another, or leave the host out"
        case .oneDNN:
            "limit what it uses: mpirun -x ONEDNN_MAX_CPU_ISA=AVX2 (on all hosts, or gradients cannot be summed)"
        case .openBLAS:
            "only --backend openblas uses it: set OPENBLAS_CORETYPE=Haswell, or keep to the default --backend onednn"
        }
    }
}
