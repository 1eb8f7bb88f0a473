import Reporting
import Tracing
import Training
import Watching

/// Tells the watch where a run stands, and passes everything on.
final class WatchedObserver: TrainingObserver {
    private let base: any TrainingObserver
    private let watch: JobWatch
    private let log: String

    /// - Parameter folder: the run's.
    init(_ base: any TrainingObserver, watch: JobWatch, folder: String) {
        self.base = base
        self.watch = watch
        log = "\(folder)/log.txt"
        watch.log = log
        watch.standing = "no step done, log in \(log)"
    }

    func note(_ message: String) throws { try writing { try base.note(message) } }
    func warning(_ message: String) throws { try writing { try base.warning(message) } }
    func ready() throws { try writing { try base.ready() } }

    func started(atStep step: Int, validating: Bool) throws {
        if step > 0 { watch.standing = "\(step) steps done, log in \(log)" }
        try writing { try base.started(atStep: step, validating: validating) }
    }

    func finished(_ record: StepRecord) throws {
        let place = "epoch \(record.epoch + 1) of \(record.epochs)"
        watch.standing = "\(record.step) of \(record.totalSteps) steps done, in \(place), log in \(log)"
        try writing { try base.finished(record) }
    }

    func finished(_ record: ValidationRecord) throws { try writing { try base.finished(record) } }
    func finished(_ summary: TrainingSummary) throws { try writing { try base.finished(summary) } }
    var attentionImages: Int { base.attentionImages }
    func looked(at view: AttentionView) throws { try writing { try base.looked(at: view) } }
    func came(to progress: PhaseProgress) { base.came(to: progress) }

    /// A disk that does not answer shows here.
    private func writing(_ body: () throws -> Void) rethrows {
        let recorder: SpanRecorder? = watch.recorder
        try recorder.span("write to the run folder", "report", body)
    }
}
