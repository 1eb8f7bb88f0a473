/// The contents of a variable of a MATLAB 5 file, as far as annotations use the format.
package indirect enum MATArray: Equatable {
    /// A real array of numbers or truth values of any class, column after column; written as one column.
    case numbers([Double])
    /// A row of characters.
    case text(String)
    /// Written as one row or one column.
    case cells([MATArray], isColumn: Bool)
    /// One record for each element, its values in the order of `fields`; written as one row.
    case structs(fields: [String], records: [[MATArray]])
    /// What annotations do not use, in words.
    case other(String)

    /// As in “a text of 9 characters”.
    package var description: String {
        switch self {
        case .numbers(let numbers) where numbers.count == 1: "the number \(numbers[0])"
        case .numbers(let numbers): "\(numbers.count) numbers"
        case .text(let text): "a text of \(text.count) characters"
        case .cells(let cells, _): "a cell array of \(cells.count)"
        case .structs(_, let records): "a struct array of \(records.count)"
        case .other(let what): what
        }
    }
}
