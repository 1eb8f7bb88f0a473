import Foundation

/// The results of an ablation so far.
struct AblationTable {
    enum Outcome: Hashable {
        case finished(VariantResult)
        case failed(String)
    }

    /// In the order of the ablation.
    let variants: [Variant]
    private(set) var outcomes: [Int: Outcome] = [:]

    init(_ variants: [Variant]) {
        self.variants = variants
    }

    mutating func set(_ outcome: Outcome, at index: Int) {
        outcomes[index] = outcome
    }

    /// One row a variant.
    var csv: String {
        let options = variants.first?.settings.map(\.option) ?? []
        var text = (options + ["seed", "status", "top1", "top5", "best_top1"]).joined(separator: ",") + "\n"
        for (index, variant) in variants.enumerated() {
            let cells: [String] =
                switch outcomes[index] {
                case .finished(let result):
                    ["finished", String(result.top1), String(result.top5), String(result.bestTop1)]
                case .failed: ["failed", "", "", ""]
                case nil: ["open", "", "", ""]
                }
            text += (variant.settings.map(\.value) + [String(variant.seed)] + cells).joined(separator: ",") + "\n"
        }
        return text
    }

    /// One row a combination, with mean and sample standard deviation over the seeds that are finished.
    var markdown: String {
        let options = variants.first?.settings.map(\.option) ?? []
        let header = options + ["seeds", "top-1", "top-5", "best top-1"]
        var text = row(header) + row(header.map { _ in "---" })
        var seen: [[Variant.Setting]] = []
        for variant in variants where !seen.contains(variant.settings) {
            seen.append(variant.settings)
            let results = variants.indices.filter { variants[$0].settings == variant.settings }.compactMap { index in
                if case .finished(let result) = outcomes[index] { result } else { nil }
            }
            let cells = [results.map(\.top1), results.map(\.top5), results.map(\.bestTop1)].map(Self.percent)
            text += row(variant.settings.map(\.value) + [String(results.count)] + cells)
        }
        return text
    }

    private func row(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }

    /// As in `57.3 ± 1.2 %`; without a deviation for one value.
    static func percent(_ values: [Double]) -> String {
        guard !values.isEmpty else { return "-" }
        let mean = values.reduce(0, +) / Double(values.count)
        guard values.count > 1 else { return String(format: "%.1f %%", 100 * mean) }
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let deviation = (squares / Double(values.count - 1)).squareRoot()
        return String(format: "%.1f ± %.1f %%", 100 * mean, 100 * deviation)
    }
}
