/// A value of a MATLAB file and its place there: the checks that readers of annotations need.
package struct MATValue {
    package let array: MATArray
    let path: String
    /// As MATLAB would name it: `annotations(12).fname`.
    package let name: String

    var location: FileLocation { FileLocation(path: path, value: name) }

    /// - Throws: `DatasetError.wrongValue`, as all that follow.
    func text() throws -> String {
        guard case .text(let text) = array, !text.isEmpty else { throw wrong(expected: "a text") }
        return text
    }

    func number() throws -> Double {
        guard case .numbers(let numbers) = array, numbers.count == 1 else { throw wrong(expected: "a number") }
        return numbers[0]
    }

    func integer(in range: ClosedRange<Int>) throws -> Int {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard case .numbers(let numbers) = array, numbers.count == 1, let integer = Int(exactly: numbers[0]),
            range.contains(integer)
        else { throw wrong(expected: expected) }
        return integer
    }

    /// The numbers of an array of the given length.
    func elements(_ count: Int) throws -> [MATValue] {
        guard case .numbers(let numbers) = array, numbers.count == count else {
            throw wrong(expected: "\(count) numbers")
        }
        return numbers.enumerated().map { MATValue(array: .numbers([$1]), path: path, name: "\(name)(\($0 + 1))") }
    }

    func cells() throws -> [MATValue] {
        guard case .cells(let cells, _) = array else { throw wrong(expected: "a cell array") }
        return cells.enumerated().map { MATValue(array: $1, path: path, name: "\(name){\($0 + 1)}") }
    }

    /// The texts of a cell array that has some.
    func texts() throws -> [String] {
        guard case .cells(let cells, _) = array, !cells.isEmpty else { throw wrong(expected: "a cell array of texts") }
        return try self.cells().map { try $0.text() }
    }

    /// The records of a struct array that has at least these fields; each gives its values in their order.
    func records(of wanted: [String]) throws -> [[MATValue]] {
        guard case .structs(let fields, let records) = array else {
            throw wrong(expected: "a struct array")
        }
        let places = try wanted.map { field in
            guard let place = fields.firstIndex(of: field) else {
                throw DatasetError.wrongValue(
                    location, found: "a struct array of the fields \(fields.joined(separator: ", "))",
                    expected: "a field \(field)")
            }
            return place
        }
        return records.enumerated().map { number, values in
            zip(wanted, places).map { field, place in
                MATValue(array: values[place], path: path, name: "\(name)(\(number + 1)).\(field)")
            }
        }
    }

    func hasField(_ name: String) -> Bool {
        guard case .structs(let fields, _) = array else { return false }
        return fields.contains(name)
    }

    private func wrong(expected: String) -> DatasetError {
        .wrongValue(location, found: array.description, expected: expected)
    }
}
