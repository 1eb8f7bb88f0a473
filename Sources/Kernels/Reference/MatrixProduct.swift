import COpenBLAS

/// A row-major matrix in memory that somebody else owns, or its transpose.
struct MatrixOperand {
    let elements: UnsafePointer<Float>
    /// As stored, before transposition.
    let rows: Int
    let columns: Int
    var isTransposed = false

    init(_ elements: UnsafePointer<Float>, rows: Int, columns: Int) {
        self.elements = elements
        self.rows = rows
        self.columns = columns
    }

    var transposed: MatrixOperand {
        var other = self
        other.isTransposed.toggle()
        return other
    }

    var logicalRows: Int { isTransposed ? columns : rows }
    var logicalColumns: Int { isTransposed ? rows : columns }
}

/// result = a·b, or result += a·b if `accumulating`; `result` is row-major (a's rows, b's columns).
func multiply(
    _ a: MatrixOperand, _ b: MatrixOperand, into result: UnsafeMutablePointer<Float>, accumulating: Bool = false
) {
    precondition(
        a.logicalColumns == b.logicalRows,
        "cannot multiply \(a.logicalRows) x \(a.logicalColumns) by \(b.logicalRows) x \(b.logicalColumns)")
    let rows = a.logicalRows
    let columns = b.logicalColumns
    cblas_sgemm(
        CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans, b.isTransposed ? CblasTrans : CblasNoTrans,
        blasint(rows), blasint(columns), blasint(a.logicalColumns),
        1, a.elements, blasint(max(a.columns, 1)), b.elements, blasint(max(b.columns, 1)),
        accumulating ? 1 : 0, result, blasint(max(columns, 1)))
}
