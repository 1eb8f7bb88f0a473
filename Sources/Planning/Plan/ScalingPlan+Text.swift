import Foundation

extension ScalingPlan {
    /// What is planned, then a row for each number of nodes.
    /// - Parameter epochs: of the total; nil for no total.
    public func lines(epochs: Int?) -> [String] {
        var header = ["nodes", "ranks", "batch", "step", "images/s", "efficiency", "exposed"]
        if images != nil { header.append("epoch") }
        if let epochs, images != nil { header.append("\(epochs) epoch\(epochs == 1 ? "" : "s")") }
        var table = TextTable(header)
        for row in rows {
            var cells = [
                String(row.nodes), String(row.ranks), String(row.batchSize), Self.text(row.stepSeconds),
                Self.figures(row.imagesPerSecond), String(format: "%.1f %%", 100 * row.efficiency),
                Self.text(row.exposedSeconds),
            ]
            if images != nil { cells.append(row.epochSeconds.map(Self.text) ?? "-") }
            if let epochs, images != nil {
                cells.append(row.epochSeconds.map { Self.text(Double(epochs) * $0) } ?? "-")
            }
            table.add(cells)
        }
        return title + table.lines + notes
    }

    private var title: [String] {
        let mebibytes = String(format: "%.1f MiB", Double(profile.gradientBytes) / Double(1 << 20))
        let ranks = profile.ranksPerNode == 1 ? "1 rank" : "\(profile.ranksPerNode) ranks"
        let threads = profile.threads == 1 ? "1 thread" : "\(profile.threads) threads"
        return [
            "\(profile.model), \(profile.imageSize) px, \(ranks) a node, \(threads) a rank; links of "
                + "\(Self.rate(network.bandwidth)) and \(Self.text(network.latency))",
            "\(mebibytes) of gradients in buckets of \(scheme.bucketMebibytes) MiB, \(scheme.wire.rawValue) between nodes, "
                + (scheme.overlap ? "summed while the backward goes on" : "summed after the backward"),
        ]
    }

    private var notes: [String] {
        var notes: [String] = []
        if let images, let row = rows.first(where: { $0.stepsPerEpoch == nil }) {
            notes.append("from \(row.nodes) nodes on a step has more images than the \(images) of an epoch")
        }
        if let nodes = impossible.first {
            notes.append("from \(nodes) nodes on there are more ranks than a step has images")
        }
        if profile.computations.count == 1, rows.contains(where: { $0.batchSize != $0.ranks * profile.profiledImages })
        {
            notes.append("one batch size was profiled: others are taken in proportion to it, small ones take longer")
        }
        return notes
    }

    /// As in `1.20 s`, `34.5 ms`, `2:03:04` for hours.
    static func text(_ seconds: Double) -> String {
        switch seconds {
        case 0: "0"
        case ..<1e-3: String(format: "%.0f µs", 1e6 * seconds)
        case ..<1: figures(1e3 * seconds) + " ms"
        case ..<100: figures(seconds) + " s"
        default:
            String(
                format: "%d:%02d:%02d", Int(seconds.rounded()) / 3600, Int(seconds.rounded()) / 60 % 60,
                Int(seconds.rounded()) % 60)
        }
    }

    /// Three of them at least.
    private static func figures(_ value: Double) -> String {
        String(format: value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value)
    }

    private static func rate(_ bits: Double) -> String {
        bits >= 1e9 ? String(format: "%g Gbit/s", bits / 1e9) : String(format: "%g Mbit/s", bits / 1e6)
    }
}

extension ScalingPlan.Suggestion {
    /// As in `--bucket-mebibytes 2 --wire bfloat16: 0.40 s`.
    public var description: String {
        "--bucket-mebibytes \(scheme.bucketMebibytes) --wire \(scheme.wire.rawValue): \(ScalingPlan.text(stepSeconds))"
    }
}
