import Training

func stepRecord(
    _ step: Int, epoch: Int = 1, loss: Double = 0.125, images: Int = 8, seconds: Double = 0.5, waited: Double = 0.05,
    remaining: Double? = 3723.4, norms: StepNorms? = nil
) -> StepRecord {
    StepRecord(
        epoch: epoch, epochs: 30, stepInEpoch: step - 37 * epoch, stepsPerEpoch: 37, step: step, totalSteps: 1110,
        loss: loss, crossEntropy: loss, learningRate: 0.012345678, images: images, seconds: seconds,
        dataWaitSeconds: waited, times: StepTimes(forward: 0.125, backward: 0.25, optimizer: 0.0625, communication: 0),
        remainingSeconds: remaining, norms: norms)
}

func evaluationResult(skipped: Int = 0) -> EvaluationResult {
    var result = EvaluationResult()
    result.count = 8
    result.top1Count = 5
    result.top5Count = 7
    result.lossSum = 10
    result.skipped = skipped
    result.seconds = 0.25
    return result
}

func validationRecord(step: Int, epoch: Int = 1, isBest: Bool = false, skipped: Int = 0) -> ValidationRecord {
    ValidationRecord(
        epoch: epoch, epochs: 30, step: step, result: evaluationResult(skipped: skipped), isBest: isBest)
}
