import Foundation
import SwiftProtobuf

/// The bytes of TensorBoard's event files, version 2.
public enum EventFile {
    /// What a file begins with. Whatever a reader has of the run's earlier files is void, as this one begins with step 0.
    /// - Parameter writer: the program.
    public static func start(writer: String, time: Date = Date()) -> Data {
        var version = TensorBoardEvent()
        version.wallTime = time.timeIntervalSince1970
        version.fileVersion = "brain.Event:2"
        version.sourceMetadata.writer = writer
        var session = TensorBoardEvent()
        session.wallTime = time.timeIntervalSince1970
        session.sessionLog.status = .start
        return bytes(version) + bytes(session)
    }

    /// An event as it is appended.
    public static func bytes(_ event: SummaryEvent) -> Data { bytes(event.message) }

    /// The events of a file up to where it was cut short, if it was.
    public static func events(in file: Data) -> [SummaryEvent] {
        RecordFraming.records(in: file).compactMap { record in
            (try? TensorBoardEvent(serializedBytes: record)).flatMap(SummaryEvent.init)
        }
    }

    private static func bytes(_ message: TensorBoardEvent) -> Data {
        // Only required fields, which these messages have none of, and text that is not UTF-8 could fail.
        guard let record = try? message.serializedData() else { preconditionFailure("an event has plain values") }
        return RecordFraming.frame(record)
    }
}
