/// An image's annotation in Stanford Dogs: XML as PASCAL VOC has it, with `xmin`, `ymin`, `xmax` and `ymax` in the `bndbox`
/// of each `object`.
enum DogsAnnotation {
    /// The smallest box around all dogs.
    /// - Throws: `DatasetError.unreadableFile`, `.malformedRow`.
    static func box(path: String) throws -> BoundingBox {
        let text = String(decoding: try annotationBytes(path), as: UTF8.self)
        var around: [Double]?
        for (number, part) in text.split(separator: "<bndbox>", omittingEmptySubsequences: false).dropFirst()
            .enumerated()
        {
            let content = part.prefix(upTo: part.firstRange(of: "</bndbox>")?.lowerBound ?? part.endIndex)
            let edges = ["xmin", "ymin", "xmax", "ymax"].compactMap { edge(named: $0, in: content) }
            guard edges.count == 4, edges.allSatisfy(\.isFinite), edges[0] < edges[2], edges[1] < edges[3] else {
                throw DatasetError.wrongValue(
                    FileLocation(path: path, value: "bndbox \(number + 1)"), found: "“\(content.prefix(80))”",
                    expected: "numbers xmin < xmax and ymin < ymax")
            }
            let known = around ?? edges
            around = [
                min(known[0], edges[0]), min(known[1], edges[1]), max(known[2], edges[2]), max(known[3], edges[3]),
            ]
        }
        guard let around else {
            throw DatasetError.wrongValue(
                FileLocation(path: path, value: "annotation"), found: "without a box", expected: "a bndbox in an object"
            )
        }
        return BoundingBox(x: around[0], y: around[1], width: around[2] - around[0], height: around[3] - around[1])
    }

    private static func edge(named name: String, in content: Substring) -> Double? {
        guard let start = content.firstRange(of: "<\(name)>"),
            let end = content[start.upperBound...].firstRange(of: "</\(name)>")
        else { return nil }
        return Double(content[start.upperBound..<end.lowerBound].trimmingWhitespace())
    }
}
