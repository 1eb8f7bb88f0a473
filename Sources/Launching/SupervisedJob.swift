/// What is to be brought to its end, in several attempts if need be.
public protocol SupervisedJob {
    /// The program and its arguments, as the next attempt is to start them.
    var words: [String] { get }
    /// The step of the checkpoint from which the next attempt goes on; nil if there is none.
    var step: Int? { get }
    /// Whether there is nothing left to do, although the last attempt failed.
    var isOver: Bool { get }
}
