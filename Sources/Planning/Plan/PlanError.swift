/// A file that nothing can be planned from.
public enum PlanError: Error, Hashable, CustomStringConvertible {
    case notAProfile(path: String, problem: String)
    case notATrace(path: String, problem: String)

    public var description: String {
        switch self {
        case .notAProfile(let path, let problem):
            "\(path) is no profile: \(problem); aam benchmark step --profile FILE writes one"
        case .notATrace(let path, let problem):
            "\(path) is no trace to plan from: \(problem); aam train --trace FILE writes one"
        }
    }
}
