import Collectives
import Planning

/// A step of 1 s forward and 2 s backward, with 4 MiB of gradients of which the first half is final after 1 s and the
/// rest at the end. Sums and updates cost nothing.
func simpleProfile(
    ranksPerNode: Int = 1, threads: Int = 1, processors: Int = 2, optimizer: Double = 0,
    sums: StepProfile.SumCosts = StepProfile.SumCosts(
        nodeCall: 0, nodeByte: 0, add: 0, encode: 0, addEncoded: 0, decode: 0)
) -> StepProfile {
    StepProfile(
        model: "a model", imageSize: 32, ranksPerNode: ranksPerNode, threads: threads, processors: processors,
        gradientBytes: 4 << 20,
        computations: [
            StepProfile.Computation(
                images: 8, forward: 1,
                backward: [
                    StepProfile.Completion(bytes: 2 << 20, seconds: 1),
                    StepProfile.Completion(bytes: 4 << 20, seconds: 2),
                ])
        ], optimizer: optimizer, sums: sums)
}

/// A link that takes a second for a MiB, and none for anything else.
let mebibyteASecond = Network(
    bandwidth: 8 * Double(1 << 20), latency: 0, efficiency: 1, messageOverhead: 0)

func buckets(_ mebibytes: Int, _ wire: WireFormat = .float32, overlap: Bool = true) -> BucketScheme {
    BucketScheme(bucketMebibytes: mebibytes, wire: wire, overlap: overlap)
}
