import Foundation
import SwiftProtobuf

/// What TensorBoard shows of one step: values under their tags.
public struct SummaryEvent: Hashable, Sendable {
    /// One point of a curve, or one picture of a series.
    public struct Value: Hashable, Sendable {
        public enum Content: Hashable, Sendable {
            /// Event files have it in single precision.
            case scalar(Double)
            /// A whole PNG or JPEG file of an RGB image.
            case image(file: Data, width: Int, height: Int)
        }

        /// As in `train/loss`: what stands before the first slash groups charts.
        public let tag: String
        public let content: Content
        /// What TensorBoard tells of the tag; empty for nothing.
        public let description: String

        public init(_ tag: String, _ content: Content, description: String = "") {
            self.tag = tag
            self.content = content
            self.description = description
        }
    }

    public let step: Int
    public let time: Date
    public let values: [Value]

    public init(step: Int, time: Date = Date(), _ values: [Value]) {
        self.step = step
        self.time = time
        self.values = values
    }
}

extension SummaryEvent {
    var message: TensorBoardEvent {
        var event = TensorBoardEvent()
        event.step = Int64(step)
        event.wallTime = time.timeIntervalSince1970
        event.summary.value = values.map(\.message)
        return event
    }

    /// - Returns: nil for an event of another kind.
    init?(_ message: TensorBoardEvent) {
        guard case .summary(let summary) = message.what else { return nil }
        self.init(
            step: Int(message.step), time: Date(timeIntervalSince1970: message.wallTime),
            summary.value.compactMap(Value.init))
    }
}

extension SummaryEvent.Value {
    fileprivate var message: TensorBoardSummary.Value {
        var value = TensorBoardSummary.Value()
        value.tag = tag
        if !description.isEmpty { value.metadata.summaryDescription = description }
        switch content {
        case .scalar(let number):
            value.simpleValue = Float(number)
        case .image(let file, let width, let height):
            value.image.width = Int32(width)
            value.image.height = Int32(height)
            value.image.colorspace = 3
            value.image.encodedImageString = file
        }
        return value
    }

    fileprivate init?(_ message: TensorBoardSummary.Value) {
        switch message.value {
        case .simpleValue(let number):
            self.init(message.tag, .scalar(Double(number)), description: message.metadata.summaryDescription)
        case .image(let image):
            self.init(
                message.tag,
                .image(file: image.encodedImageString, width: Int(image.width), height: Int(image.height)),
                description: message.metadata.summaryDescription)
        case nil:
            return nil
        }
    }
}
