import Foundation
import Reporting
import TensorBoard
import TestSupport
import Testing
import Training

struct EventsFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func events() throws -> [SummaryEvent] {
        let names = try names(in: folder.path)
        try #require(names.count == 1, "\(names)")
        #expect(names[0].hasPrefix("events.out.tfevents."))
        return EventFile.events(in: try Data(contentsOf: URL(filePath: folder(names[0]))))
    }

    private func tags(_ step: Int) throws -> [String] {
        try events().filter { $0.step == step }.flatMap { $0.values.map(\.tag) }
    }

    private func write(steps: [Int], continuingAfter step: Int = 0) throws {
        let file = try EventsFile(folder: folder.path, continuingAfter: step)
        for step in steps { try file.append(stepRecord(step)) }
    }

    @Test func curvesHaveTheFiguresOfTheRecords() throws {
        let file = try EventsFile(folder: folder.path, continuingAfter: 0)
        try file.append(stepRecord(38, norms: StepNorms(weights: 12, gradients: 0.5)))
        try file.append(validationRecord(step: 74))
        let events = try events()
        #expect(events.map(\.step) == [38, 74])
        let values = Dictionary(uniqueKeysWithValues: events.flatMap(\.values).map { ($0.tag, $0.content) })
        #expect(
            values == [
                "train/loss": .scalar(0.125), "train/cross_entropy": .scalar(0.125),
                "train/learning_rate": .scalar(Double(Float(0.012345678))), "train/images_per_second": .scalar(16),
                "seconds/step": .scalar(0.5), "seconds/data_wait": .scalar(Double(Float(0.05))),
                "seconds/forward": .scalar(0.125), "seconds/backward": .scalar(0.25),
                "seconds/optimizer": .scalar(0.0625), "seconds/communication": .scalar(0), "norms/weights": .scalar(12),
                "norms/gradients": .scalar(0.5), "validation/loss": .scalar(1.25), "validation/top1": .scalar(0.625),
                "validation/top5": .scalar(0.875), "validation/images_per_second": .scalar(32),
            ])
        #expect(abs(events[1].time.timeIntervalSinceNow) < 60)
    }

    @Test func averagesHaveCurvesOfTheirOwn() throws {
        let record = ValidationRecord(
            epoch: 1, epochs: 30, step: 74, result: evaluationResult(), average: evaluationResult(), isBest: true)
        try EventsFile(folder: folder.path, continuingAfter: 0).append(record)
        #expect(try tags(74).filter { $0.hasSuffix("/top1") } == ["validation/top1", "validation-ema/top1"])
    }

    @Test func eachEventIsInTheFileAtOnce() throws {
        let file = try EventsFile(folder: folder.path, continuingAfter: 0)
        for step in 38...40 {
            try file.append(stepRecord(step))
            #expect(try events().last?.step == step)
        }
    }

    @Test func continuingLeavesOutTheEventsOfTheAttemptThatHadComeFurther() throws {
        try write(steps: [38, 39, 40, 41])
        let kept = try events().prefix(2)
        try write(steps: [40, 41, 42], continuingAfter: 39)
        #expect(try events().map(\.step) == [38, 39, 40, 41, 42])
        #expect(try events().prefix(2) == kept, "with their times")
    }

    @Test func continuingKeepsTheValidationAtTheSameStepUnlessItIsDoneAgain() throws {
        let file = try EventsFile(folder: folder.path, continuingAfter: 0)
        try file.append(validationRecord(step: 37))
        try file.append(stepRecord(74))
        let before = try events()
        try file.append(validationRecord(step: 74))
        let all = try events()
        _ = try EventsFile(folder: folder.path, continuingAfter: 74)
        #expect(try events() == all)
        _ = try EventsFile(folder: folder.path, continuingAfter: 74, validating: true)
        #expect(try events() == before)
    }

    @Test func continuingDropsAnEventThatWasCutShort() throws {
        try write(steps: [38, 39])
        let path = folder(try names(in: folder.path)[0])
        try Data(contentsOf: URL(filePath: path)).dropLast(3).write(to: URL(filePath: path))
        try write(steps: [40], continuingAfter: 39)
        #expect(try events().map(\.step) == [38, 40])
    }

    /// TensorBoard follows a run to files with later names only.
    @Test func eachAttemptHasALaterFile() throws {
        var last = ""
        for step in 0..<3 {
            try write(steps: [step + 1], continuingAfter: step)
            let name = try #require(try names(in: folder.path).first)
            #expect(name > last)
            last = name
        }
    }

    @Test func newRunHasNothingOfAnEarlierOneAndLeavesOtherProgramsFiles() throws {
        try write(steps: [38, 39])
        let other = folder("events.out.tfevents.1700000000.host.1.0")
        try Data().write(to: URL(filePath: other))
        try write(steps: [])
        #expect(FileManager.default.fileExists(atPath: other))
        try FileManager.default.removeItem(atPath: other)
        #expect(try events().isEmpty)
    }

    /// A file that is there twice after a crash between two of its steps is read once.
    @Test func filesThatACrashLeftAreReplaced() throws {
        try write(steps: [38, 39])
        let path = folder(try names(in: folder.path)[0])
        try FileManager.default.copyItem(atPath: path, toPath: folder("events.out.tfevents.1700000000.aam"))
        try write(steps: [], continuingAfter: 39)
        #expect(try events().map(\.step) == [38, 39])
    }
}
