import Testing
import Training

extension TrainingRuns {
    struct StepTimesTests {
        @Test(arguments: [1, 2]) func partsOfAStepAreWithinIt(ranks: Int) throws {
            let configuration = TrainingConfiguration.small(output: "\(TrainingFixture.folder)/times-\(ranks)") {
                $0.overlap = false
            }
            let trial = Trial(configuration, on: try TrainingFixture.dataset(), ranks: ranks)
            #expect(trial.failure == nil)
            let steps = trial.observers[0].steps
            #expect(!steps.isEmpty)
            for step in steps {
                let times = step.times
                #expect(times.forward > 0 && times.backward > 0 && times.optimizer > 0, "\(times)")
                #expect(ranks == 1 ? times.communication == 0 : times.communication > 0, "\(times)")
                let computing = times.forward + times.backward + times.optimizer
                let sum = computing + times.communication + step.dataWaitSeconds
                // The clock goes on a little between the reading of parts and whole.
                #expect(sum <= step.seconds + 1e-3, "\(sum) of \(step.seconds)")
                #expect(sum >= 0.5 * step.seconds, "\(sum) of \(step.seconds)")
            }
        }
    }
}
