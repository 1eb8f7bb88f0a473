import Datasets

extension Explanation {
    /// A picture of an explanation, and what its file may be called.
    public struct Overlay: Sendable {
        /// `gradcam`, or a module's name.
        public let name: String
        public let map: Heatmap
        /// The values that get the first and the last colour.
        public let range: ClosedRange<Float>
        public let picture: RGBImage
    }

    /// Grad-CAM, from 0 to 1, and the maps of all modules that have any over positions, each from its least to its greatest
    /// value, over the image.
    public func overlays(on image: RGBImage) -> [Overlay] {
        func overlay(_ name: String, _ map: Heatmap, _ range: ClosedRange<Float>) -> Overlay {
            Overlay(name: name, map: map, range: range, picture: map.overlay(on: image, over: range))
        }
        return [overlay("gradcam", gradCAM, 0...1)]
            + modules.compactMap { module in
                module.position.map { overlay(module.name, $0, $0.range) }
            }
    }
}
