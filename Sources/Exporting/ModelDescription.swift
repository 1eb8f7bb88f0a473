import Foundation

/// What a user of an exported model must know besides its weights.
public struct ModelDescription: Sendable {
    /// By number.
    public let classNames: [String]
    public let preparation: ImagePreparation
    /// Where the weights come from.
    public let checkpoint: String
    /// Optimizer steps they were trained for.
    public let step: Int
    /// Whether they are a moving average.
    public let isAverage: Bool
    /// Of aam.
    public let version: String

    public init(
        classNames: [String], preparation: ImagePreparation, checkpoint: String, step: Int, isAverage: Bool,
        version: String
    ) {
        self.classNames = classNames
        self.preparation = preparation
        self.checkpoint = checkpoint
        self.step = step
        self.isAverage = isAverage
        self.version = version
    }

    /// Text by key; `class-names` and `preprocessing` are JSON.
    var metadata: [String: String] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            func json(_ value: some Encodable) throws -> String {
                String(decoding: try encoder.encode(value), as: UTF8.self)
            }
            return [
                "class-names": try json(classNames), "preprocessing": try json(preparation),
                "checkpoint": checkpoint, "step": String(step), "ema": String(isAverage), "aam-version": version,
            ]
        }
    }
}
