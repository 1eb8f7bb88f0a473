import Collectives

enum Alone {
    /// For checks that do no collectives.
    static let communicator = SingleProcess()
}
