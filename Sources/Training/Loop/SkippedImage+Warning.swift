import Datasets

extension SkippedImage {
    /// Names the image and what is wrong with it.
    public var warning: String {
        let reason = String(describing: error)
        // An image's errors begin with its path.
        return reason.hasPrefix("\(path): ") ? "skipped \(reason)" : "skipped \(path): \(reason)"
    }
}
