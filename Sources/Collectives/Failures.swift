/// A collective that could not be carried out. The communicator must not be used again.
public protocol CommunicationFailure: Error, CustomStringConvertible {}

/// A failure that every rank knows of and throws alike; one rank reports it. The communicator is still sound.
public protocol AgreedFailure: Error, CustomStringConvertible {
    /// The rank that reports the failure.
    var rank: Int { get }
    /// The host of that rank.
    var host: String { get }
}

/// A failure with what a user needs to act on it. Errors that conform are shown with all of it; others by their
/// description alone.
public protocol ExplainedError: Error, CustomStringConvertible {
    /// Where it happened: a file and line, a step, a layer.
    var place: String? { get }
    /// What to do about it.
    var hint: String? { get }
    /// The exit code of the program that fails with it.
    var exitCode: Int32 { get }
}

extension ExplainedError {
    public var place: String? { nil }
    public var hint: String? { nil }
    public var exitCode: Int32 { 1 }
}

/// An error under a description of where it happened.
public struct JobFailure: ExplainedError, Equatable {
    /// What went wrong.
    public let description: String
    public let place: String?
    public let hint: String?
    public let exitCode: Int32

    /// What went wrong, where, and what to do about it.
    public init(_ description: String, place: String? = nil, hint: String? = nil, exitCode: Int32 = 1) {
        self.description = description
        self.place = place
        self.hint = hint
        self.exitCode = exitCode
    }

    /// The failure of any error; `place` and `hint` stand in where the error has none of its own.
    public init(_ error: any Error, place: String? = nil, hint: String? = nil) {
        let explained = error as? any ExplainedError
        self.init(
            String(describing: error), place: explained?.place ?? place, hint: explained?.hint ?? hint,
            exitCode: explained?.exitCode ?? 1)
    }
}

/// Runs `body`; an error it throws becomes a `JobFailure` at `place`, unless it has a place of its own.
///
/// Failures of communication and failures that all ranks agreed on pass unchanged.
public func locatingFailures<Result>(
    at place: @autoclosure () -> String, _ body: () throws -> Result
) throws -> Result {
    do {
        return try body()
    } catch let error as any AgreedFailure {
        throw error
    } catch let error as any CommunicationFailure {
        throw error
    } catch {
        throw JobFailure(error, place: place())
    }
}
