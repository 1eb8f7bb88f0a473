import Foundation
import Reporting
import Synchronization
import Testing
import Training

struct LiveLineTests {
    /// What a terminal shows: a line that is drawn over, and those above it.
    private final class Screen: Sendable {
        private let written = Mutex("")

        func write(_ text: String) { written.withLock { $0 += text } }

        var lines: [String] {
            var (lines, column) = ([[Character]()], 0)
            var rest = written.withLock { $0 }[...]
            while let character = rest.first {
                if rest.hasPrefix("\u{1b}[K") {
                    lines[lines.count - 1] = Array(lines[lines.count - 1].prefix(column))
                    rest = rest.dropFirst(3)
                    continue
                }
                rest = rest.dropFirst()
                switch character {
                case "\r": column = 0
                case "\n":
                    lines.append([])
                    column = 0
                default:
                    let last = lines.count - 1
                    if column < lines[last].count {
                        lines[last][column] = character
                    } else {
                        lines[last].append(character)
                    }
                    column += 1
                }
            }
            return lines.map { String($0) }
        }
    }

    private let screen = Screen()
    private var line: LiveLine {
        LiveLine(on: Terminal(columns: 20, hasColors: false)) { [screen] in screen.write($0) }
    }

    @Test func linesScrollByAboveIt() {
        let line = line
        line.show("halfway")
        line.print("one")
        line.print("two, which is longer")
        #expect(screen.lines == ["one", "two, which is longer", "halfway"])
    }

    @Test func itIsCutToTheTerminalsWidthAndDrawnOver() {
        let line = line
        line.show("a text that is longer than the terminal")
        #expect(screen.lines == ["a text that is long"])
        usleep(150_000)
        line.show("short")
        #expect(screen.lines == ["short"])
        line.clear()
        #expect(screen.lines == [""])
    }

    @Test func itIsDrawnNoMoreThanTenTimesASecond() {
        let line = line
        line.show("train 1")
        line.show("train 2")
        #expect(screen.lines == ["train 1"])
        line.print("above")
        #expect(screen.lines == ["above", "train 2"])
    }

    @Test func anotherPhaseIsDrawnAtOnce() {
        let line = line
        line.show("train 1")
        line.show("validate 1")
        #expect(screen.lines == ["validate 1"])
    }
}

struct ProgressBarTests {
    @Test(arguments: [
        (0, 4, "train     [------------]   0 %  a  b"), (1, 4, "train     [###---------]  25 %  a  b"),
        (4, 4, "train     [############] 100 %  a  b"), (9, 4, "train     [############] 100 %  a  b"),
        (0, 0, "train     [############] 100 %  a  b"),
    ])
    func barShowsTheShareThatIsDone(done: Int, total: Int, text: String) {
        #expect(ProgressBar("train", done: done, of: total).text("a", "b") == text)
    }
}

struct RunEventTests {
    private func object(_ event: RunEvent) throws -> [String: Any] {
        let json = event.json(title: "a \"run\"")
        #expect(!json.contains("\n"))
        return try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }

    @Test func linesOfJSONHaveTheRecordsNumbers() throws {
        let step = try object(.step(stepRecord(39, loss: 2.5, images: 8, seconds: 4), line: "", isDue: true))
        #expect(step["event"] as? String == "step" && step["run"] as? String == "a \"run\"")
        #expect(step["loss"] as? Double == 2.5 && step["step"] as? Int == 39 && step["epoch"] as? Int == 2)
        #expect(step["images_per_second"] as? Double == 2)
        let validation = try object(.validation(validationRecord(step: 74, isBest: true)))
        #expect(validation["top1"] as? Double == 0.625 && validation["is_best"] as? Bool == true)
        let warning = try object(.warning("two\nlines, \u{1b} and \"quotes\""))
        #expect(warning["message"] as? String == "two\nlines, \u{1b} and \"quotes\"")
    }

    @Test func lossThatIsNoNumberIsAText() throws {
        #expect(try object(.step(stepRecord(39, loss: .nan), line: "", isDue: true))["loss"] as? String == "NaN")
    }
}

struct RunSummaryTests {
    @Test func bestIsTheFirstOfEqualsAndTheLastIsToldApart() {
        let validations = [(1, 0.5), (2, 0.75), (3, 0.75), (4, 0.25)].map {
            MetricsFile.Validation(epoch: $0.0, top1: $0.1, top5: 1)
        }
        let training = TrainingSummary(
            steps: 40, bestTop1: 0.75, bestStep: 20, seconds: 61, imagesPerSecond: 12.34, skippedImages: 3)
        #expect(
            RunSummary(training, folder: "runs/a", validations: validations).lines == [
                "finished 40 steps in 0:01:01, 12.3 training images/s, 3 unreadable images skipped",
                "  best     epoch 2 (step 20): top-1 75.00 %, top-5 100.00 %",
                "  last     epoch 4: top-1 25.00 %, top-5 100.00 %",
                "  weights  runs/a/best and runs/a/latest",
                "  figures  runs/a/metrics.csv, log.txt and config.toml beside it",
            ])
    }
}
