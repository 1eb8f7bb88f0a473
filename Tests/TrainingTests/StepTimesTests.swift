import Testing
import Training

extension TrainingRuns {
    struct StepTimesTests {
        @Test(arguments: [1, 2]) func partsOfStepsAreWithinThem(ranks: Int) throws {
            let configuration = TrainingConfiguration.small(output: "\(TrainingFixture.folder)/times-\(ranks)") {
                $0.overlap = false
            }
            let trial = Trial(configuration, on: try TrainingFixture.dataset(), ranks: ranks)
            #expect(trial.failure == nil)
            let steps = trial.observers[0].steps
            #expect(!steps.isEmpty)
            var (sum, seconds) = (0.0, 0.0)
            for step in steps {
                let times = step.times
                #expect(times.forward > 0 && times.backward > 0 && times.optimizer > 0, "\(times)")
                #expect(ranks == 1 ? times.communication == 0 : times.communication > 0, "\(times)")
                sum += times.forward + times.backward + times.optimizer + times.communication + step.dataWaitSeconds
                seconds += step.seconds
            }
            // Threads that wait for a processor leave a collective at different times.
            #expect(sum <= 1.1 * seconds && sum >= 0.5 * seconds, "\(sum) of \(seconds)")
        }
    }
}
