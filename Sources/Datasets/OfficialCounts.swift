/// How large the complete data set is, as its authors publish it.
public struct OfficialCounts: Sendable, Hashable {
    /// Their number.
    public let classes: Int
    /// Their number in each split.
    public let images: [DatasetSplit: Int]

    /// What differs, in words that name both numbers; nil if nothing does. Splits that the folder does not have are passed
    /// over.
    func difference(from dataset: ImageDataset) -> String? {
        var found: [(what: String, official: Int, here: Int)] = [("classes", classes, dataset.classNames.count)]
        for split in DatasetSplit.allCases {
            guard let official = images[split] else { continue }
            if let here = dataset.splits[split]?.count ?? dataset.unlabelled[split]?.count {
                found.append(("\(split.rawValue) images", official, here))
            }
        }
        let differences = found.filter { $0.official != $0.here }.map { what, official, here in
            "\(Self.grouped(here)) \(what) instead of \(Self.grouped(official))"
        }
        guard !differences.isEmpty else { return nil }
        return "this is not the official \(dataset.name): \(differences.joined(separator: ", "))"
    }

    /// As in 11,788.
    private static func grouped(_ number: Int) -> String {
        var digits = String(number)
        var end = digits.count
        while end > 3 {
            end -= 3
            digits.insert(",", at: digits.index(digits.startIndex, offsetBy: end))
        }
        return digits
    }
}
