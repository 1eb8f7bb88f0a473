import Datasets

extension [ImageSample] {
    /// Identifies a list of images: their names, labels and boxes, in this order.
    var fingerprint: String {
        var hash = XXHash64()
        for sample in self {
            let box = sample.box.map { "\($0.x) \($0.y) \($0.width) \($0.height)" } ?? ""
            hash.update([UInt8]("\(sample.relativePath)\t\(sample.label)\t\(box)\n".utf8))
        }
        return hexadecimal(hash.finish())
    }
}
