import Foundation

/// A step's communication as a text that a simulator replays, a word and its numbers a line: first the network, then
/// what each node's leader does.
///
/// ```
/// nodes N               bandwidth BYTES_A_SECOND        latency SECONDS
/// await SECONDS         sleep until so long after the step's start
/// work SECONDS          pause SECONDS
/// terms LANE ELEMENTS WIDTH     send every leader its slice, receive the own one of all
/// sums LANE ELEMENTS WIDTH      send the own slice to all, receive theirs
/// wait LANE
/// ```
///
/// The moments that are awaited are those of the timeline; what is awaited after the backward is the step's end.
public struct ReplaySchedule: Sendable {
    public let text: String

    /// - Parameter images: of each rank.
    public init(_ profile: StepProfile, _ network: Network, _ scheme: BucketScheme, nodes: Int, images: Int) {
        let simulation = StepModel(profile, network, scheme).simulation(nodes: nodes, images: images)
        let timeline = simulation.timeline
        var lines = ["nodes \(nodes)", "bandwidth \(network.bytesPerSecond)", "latency \(network.latency)"]
        func append(_ operations: [ReductionProgram.Operation]) {
            for operation in operations {
                switch operation {
                case .await(let bucket):
                    lines.append("await \(scheme.overlap ? timeline.buckets[bucket].ready : timeline.backwardEnd)")
                case .work(let seconds): lines.append("work \(seconds)")
                case .pause(let seconds): lines.append("pause \(seconds)")
                case .exchange(let exchange):
                    lines.append(
                        "\(exchange.direction.rawValue) \(exchange.lane) \(exchange.elements) \(exchange.width)")
                case .wait(let lane): lines.append("wait \(lane)")
                case .summed, .moved: break
                }
            }
        }
        append(simulation.program)
        lines.append("await \(timeline.backwardEnd)")
        append(simulation.ending)
        text = lines.joined(separator: "\n") + "\n"
    }
}
