import Datasets
import Kernels
import Models
import Tensors

/// What a model made of one image, and what it looked at.
public struct Explanation: Sendable {
    /// What one attention module did to the features of the image.
    public struct Module: Sendable {
        /// As in `layer1.0.attention`.
        public let name: String
        /// Its map over positions; nil where it has none.
        public let position: Heatmap?
        /// The channels that it weighs most, most weighted first; none where it weighs no channels.
        public let channels: [ChannelWeight]
    }

    /// Of each class.
    public let probabilities: [Double]
    /// The class whose evidence `gradCAM` shows.
    public let explainedClass: Int
    public let gradCAM: Heatmap
    /// In the order of the forward.
    public let modules: [Module]

    /// Explains an image as the model is to see it: resized and cut already. Overwrites the gradients of the model's
    /// parameters.
    ///
    /// - Parameters:
    ///   - explainedClass: the class to look for; the most probable one if nil.
    ///   - stage: whose output Grad-CAM looks at, from 1.
    ///   - channels: how many of each module's channels are listed.
    public init(
        of model: ResNet, _ image: RGBImage, class explainedClass: Int? = nil, stage: Int = ResNet.stageCount,
        channels: Int = 5, normalization: PixelNormalization = .imageNet
    ) throws {
        let input = Tensor([1, 3, image.height, image.width])
        normalization.write(image, to: input, at: 0)
        let (output, records) = try model.attention(to: input)
        probabilities = SoftmaxCrossEntropy.probabilities(output.logits)[0]
        modules = records.map { record in
            Module(
                name: record.module, position: record.position.map { Heatmap($0, image: 0) },
                channels: record.mostWeightedChannels(ofImage: 0, count: channels))
        }
        let cam = try GradCAM(
            of: model, input, stage: stage, choosing: explainedClass.map { given in { _, _ in given } })
        self.explainedClass = cam.classes[0]
        gradCAM = cam.maps[0]
    }

    /// Classes by probability, the most probable first, of equal ones the first.
    public var ranking: [Int] {
        probabilities.indices.sorted { (probabilities[$1], $0) < (probabilities[$0], $1) }
    }
}
