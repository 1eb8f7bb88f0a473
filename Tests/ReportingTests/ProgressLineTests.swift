import Reporting
import Testing
import Training

struct ProgressLineTests {
    @Test func lineHasTheLastStepsValuesAndTheRatesOfAllStepsSinceTheLineBefore() {
        var line = ProgressLine()
        line.add(stepRecord(38, loss: 9, images: 8, seconds: 1, waited: 0.5))
        let last = stepRecord(39, loss: 2.34567, images: 8, seconds: 3, waited: 0)
        line.add(last)
        #expect(
            line.take(last)
                == "epoch 2/30  step 2/37  loss 2.3457  lr 0.0123  4.0 images/s  data wait 12.5 %  ETA 1:02:03")
        let next = stepRecord(40, loss: 1, images: 7, seconds: 0.07, waited: 0, remaining: 0.4)
        line.add(next)
        #expect(
            line.take(next)
                == "epoch 2/30  step 3/37  loss 1.0000  lr 0.0123  100.0 images/s  data wait 0.0 %  ETA 0:00:00")
    }

    @Test func remainingTimeIsOpenAtFirst() {
        var line = ProgressLine()
        let record = stepRecord(38, remaining: nil)
        line.add(record)
        #expect(line.take(record).hasSuffix("  ETA -"))
    }

    @Test func lossThatIsNoNumberIsSaidSo() {
        var line = ProgressLine()
        let record = stepRecord(38, loss: .nan)
        line.add(record)
        #expect(line.take(record).contains("  loss nan  "))
    }

    @Test func validationTellsAccuracyAndWhetherItIsTheBest() {
        #expect(
            ProgressLine.validation(validationRecord(step: 74, isBest: true))
                == [
                    "epoch 2/30  validation  top-1 62.50 %  top-5 87.50 %  loss 1.2500  8 images in 0.2 s  (best so far)"
                ]
        )
        #expect(
            ProgressLine.validation(validationRecord(step: 74, skipped: 2))
                == ["epoch 2/30  validation  top-1 62.50 %  top-5 87.50 %  loss 1.2500  8 images in 0.2 s  2 skipped"])
    }

    @Test func evaluationOfNoImagesHasNoAccuracy() {
        #expect(
            ProgressLine.accuracy(EvaluationResult())
                == "top-1 0.00 %  top-5 0.00 %  loss 0.0000  0 images in 0.0 s")
    }

    @Test(arguments: [
        (0, "0:00:00"), (59.6, "0:01:00"), (3599.4, "0:59:59"), (3723, "1:02:03"), (360_000, "100:00:00"),
    ])
    func durationsAreHoursMinutesAndSeconds(seconds: Double, text: String) {
        #expect(ProgressLine.duration(seconds) == text)
    }
}
