/// The contiguous slice of 0 ..< `count` that belongs to `rank` of `size` ranks. The slices cover the range once, in
/// order, and their lengths differ by at most one; the first ranks have the longer ones.
public func slice(of count: Int, rank: Int, of size: Int) -> Range<Int> {
    precondition(count >= 0 && size > 0 && rank >= 0 && rank < size, "rank \(rank) of \(size) ranks, \(count) elements")
    let (length, extra) = count.quotientAndRemainder(dividingBy: size)
    let start = rank * length + min(rank, extra)
    return start..<start + length + (rank < extra ? 1 : 0)
}
