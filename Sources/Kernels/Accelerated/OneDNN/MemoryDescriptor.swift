import COneDNN
import Tensors

extension dnnl_memory_desc_t {
    /// Describes single-precision elements of `shape` under one of oneDNN's format tags.
    init(_ shape: Shape, tag: dnnl_format_tag_t) {
        self.init()
        let dimensions = shape.dimensions.map(Int64.init)
        check(
            dnnl_memory_desc_init_by_tag(&self, Int32(shape.rank), dimensions, dnnl_f32, tag),
            "describing a tensor of shape \(shape)")
    }

    /// Describes a tensor whose layout oneDNN knows by a tag.
    init(_ shape: Shape, layout: Layout) {
        switch layout {
        case .rowMajor:
            let tags = [dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde]
            self.init(shape, tag: tags[shape.rank - 1])
        case .channelBlocked(16):
            self.init(shape, tag: dnnl_aBcd16b)
        case .channelBlocked(8):
            self.init(shape, tag: dnnl_aBcd8b)
        case .channelBlocked, .packed:
            preconditionFailure("oneDNN has no tag for the layout \(layout)")
        }
    }

    var byteCount: Int { withUnsafePointer(to: self) { dnnl_memory_desc_get_size($0) } }

    func equals(_ other: dnnl_memory_desc_t) -> Bool {
        withUnsafePointer(to: self) { left in
            withUnsafePointer(to: other) { right in dnnl_memory_desc_equal(left, right) != 0 }
        }
    }

    /// Names the placement of every element: strides, and the inner blocks with the dimensions they cut.
    var placementIdentifier: String {
        let blocking = format_desc.blocking
        let rank = Int(ndims)
        let blocks = Int(blocking.inner_nblks)
        func list<T>(_ tuple: T, _ count: Int) -> String {
            withUnsafeBytes(of: tuple) { bytes in
                bytes.bindMemory(to: Int64.self).prefix(count).map(String.init).joined(separator: ",")
            }
        }
        return "dims \(list(padded_dims, rank)) strides \(list(blocking.strides, rank)) "
            + "blocks \(list(blocking.inner_blks, blocks)) of \(list(blocking.inner_idxs, blocks))"
    }
}
