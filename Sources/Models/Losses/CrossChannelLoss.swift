import Foundation
import Kernels
import Tensors

/// CC-Loss on the last feature map F (N, C, H, W), whose channels are shared out to the classes: group i has η_i channels.
///
/// L_dis = cross-entropy of g, where g_i is the mean over positions of the maximum over the group's channels that are
/// not masked out. h_i = Σ over positions of the maximum over the group's channels of each channel's softmax over
/// positions, which lies in [1, η_i]. CC = L_dis + λ·(1 - mean_i h_i/η_i).
///
/// The paper's own formula is not public; this follows its description and the mutual-channel loss that it builds on
/// (Chang et al. 2020). Of equal maxima, the first counts.
public struct CrossChannelLoss: Sendable {
    /// The channels of each class.
    public let groups: [Range<Int>]
    /// λ
    public let diversityWeight: Double

    /// The loss for these groups, which `ChannelsPerClass.groups(channels:classes:)` makes, and λ.
    public init(groups: [Range<Int>], diversityWeight: Double) {
        self.groups = groups
        self.diversityWeight = diversityWeight
    }

    /// For each channel whether it is kept: half of each group, drawn from the sample's generator, and one more if the
    /// group is odd.
    public func drawMask(_ generator: inout RandomGenerator) -> [Bool] {
        var kept = [Bool](repeating: true, count: groups.last?.upperBound ?? 0)
        for group in groups {
            for index in generator.permutation(group.count).prefix(group.count / 2) {
                kept[group.lowerBound + index] = false
            }
        }
        return kept
    }

    /// Each image's loss, and d(scale · Σ losses)/dF in the layout of F.
    /// - Parameters:
    ///   - features: F (N, C, H, W).
    ///   - labels: of the N images.
    ///   - masks: of the N images, as `drawMask` makes them.
    ///   - scale: what the gradient is multiplied by.
    ///   - pool: where the gradient's memory comes from.
    public func evaluate(
        _ features: Tensor, labels: [Int32], masks: [[Bool]], scale: Double, pool: StoragePool? = nil
    ) -> (losses: [Double], gradient: Tensor) {
        let shape = features.shape
        precondition(
            labels.count == shape.batch && masks.count == shape.batch, "a label and a mask for each of \(shape)")
        let x = features.elements
        var gradient = [Float](repeating: 0, count: x.count)
        let scores = Tensor([shape.batch, groups.count], pool: pool)
        /// Of each image, group and position: the element that is the maximum.
        var owners: [Int] = []
        var diversities: [Double] = []
        scores.withUnsafeMutableBufferPointer { scores in
            for n in 0..<shape.batch {
                let first = n * shape.channels * shape.positions
                var diversity = 0.0
                for (index, group) in groups.enumerated() {
                    let kept = group.filter { masks[n][$0] }
                    var sum = 0.0
                    for p in 0..<shape.positions {
                        let owner = firstMaximum(of: x, at: kept, first + p, shape.positions)
                        owners.append(owner)
                        sum += Double(x[owner])
                    }
                    scores[n * groups.count + index] = Float(sum / Double(shape.positions))
                    diversity += addDiversity(
                        of: group, x, first, shape.positions, scale: scale, into: &gradient)
                }
                diversities.append(diversity / Double(groups.count))
            }
        }
        let losses = zip(SoftmaxCrossEntropy.losses(scores, labels: labels), diversities).map {
            $0 + diversityWeight * (1 - $1)
        }
        let toScores = SoftmaxCrossEntropy.gradient(
            scores, labels: labels, scale: scale / Double(shape.positions), pool: pool)
        toScores.withUnsafeBufferPointer { toScores in
            for (place, owner) in owners.enumerated() { gradient[owner] += toScores[place / shape.positions] }
        }
        return (losses, Tensor(gradient, shape: shape, layout: features.layout, pool: pool))
    }

    private func firstMaximum(of x: [Float], at channels: [Int], _ start: Int, _ positions: Int) -> Int {
        var best = start + channels[0] * positions
        for channel in channels.dropFirst() where x[start + channel * positions] > x[best] {
            best = start + channel * positions
        }
        return best
    }

    /// h/η of one group, whose gradient times -λ·scale/groups it adds to `gradient`.
    private func addDiversity(
        of group: Range<Int>, _ x: [Float], _ first: Int, _ positions: Int, scale: Double, into gradient: inout [Float]
    ) -> Double {
        var shares: [Double] = []
        for channel in group {
            let start = first + channel * positions
            let plane = x[start..<start + positions]
            let top = Double(plane.max() ?? 0)
            let exponentials = plane.map { exp(Double($0) - top) }
            let sum = exponentials.reduce(0, +)
            shares += exponentials.map { $0 / sum }
        }
        let factor = -diversityWeight * scale / Double(groups.count * group.count)
        var sum = 0.0
        // Of each channel: Σ of its softmax where it is the maximum.
        var owned = [Double](repeating: 0, count: group.count)
        var owners: [Int] = []
        for p in 0..<positions {
            var best = 0
            for index in 1..<group.count where shares[index * positions + p] > shares[best * positions + p] {
                best = index
            }
            owners.append(best)
            owned[best] += shares[best * positions + p]
            sum += shares[best * positions + p]
        }
        for index in 0..<group.count {
            let start = first + (group.lowerBound + index) * positions
            for p in 0..<positions {
                let incoming = (owners[p] == index ? 1 : 0) - owned[index]
                gradient[start + p] += Float(factor * shares[index * positions + p] * incoming)
            }
        }
        return sum / Double(group.count)
    }
}
