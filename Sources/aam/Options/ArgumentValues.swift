import ArgumentParser
import Collectives
import Datasets
import Kernels
import Models
import Training

// The project's own types as values of options.

extension DatasetFormat: ExpressibleByArgument {}
extension DatasetSplit: ExpressibleByArgument {}
extension ValidationSplit: ExpressibleByArgument {}
extension AircraftLevel: ExpressibleByArgument {}
extension WireFormat: ExpressibleByArgument {}
extension TrainingConfiguration.EvaluationView: ExpressibleByArgument {}
extension TrainingConfiguration.ScheduleChoice: ExpressibleByArgument {}
extension TrainingConfiguration.BackendChoice: ExpressibleByArgument {}
extension ModelConfiguration.Architecture: ExpressibleByArgument {}
extension ModelConfiguration.Attention: ExpressibleByArgument {}
extension ModelConfiguration.Placement: ExpressibleByArgument {}
extension AttentionFusion: ExpressibleByArgument {}
extension ConvolutionMethod: ExpressibleByArgument {}
extension TrainingConfiguration.Loss: ExpressibleByArgument {}

extension ChannelsPerClass: ExpressibleByArgument {}
extension ChannelKernel: ExpressibleByArgument {}
extension ValueList: ExpressibleByArgument {}
extension Interval: ExpressibleByArgument {}

extension CodableAsText where Self: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }

    public var defaultValueDescription: String { description }
}
