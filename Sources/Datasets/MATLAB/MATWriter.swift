import CMatIO
import Foundation

/// Writes variables to a MATLAB 5 file through libmatio. The same variables give the same bytes.
package enum MATWriter {
    /// - Parameter variables: arrays of whatever kind but `.other`.
    /// - Throws: `DatasetError.unwritable`.
    package static func write(_ variables: [(name: String, array: MATArray)], to path: String) throws {
        // libmatio's own header has the time in it.
        guard let file = Mat_CreateVer(path, "MATLAB 5.0 MAT-file, Platform: GLNXA64, Created by: aam", MAT_FT_MAT5)
        else { throw DatasetError.unwritable(path: path, reason: "libmatio cannot create it") }
        defer { Mat_Close(file) }
        for (name, array) in variables {
            guard let variable = make(array, name: name) else {
                throw DatasetError.unwritable(path: path, reason: "no memory for the variable \(name)")
            }
            defer { Mat_VarFree(variable) }
            guard Mat_VarWrite(file, variable, MAT_COMPRESSION_ZLIB) == 0 else {
                throw DatasetError.unwritable(path: path, reason: "libmatio cannot write the variable \(name)")
            }
        }
    }

    /// A variable that owns its parts; nil if there is no memory.
    private static func make(_ array: MATArray, name: String? = nil) -> UnsafeMutablePointer<matvar_t>? {
        switch array {
        case .numbers(var numbers):
            var dims = [numbers.count, 1]
            return Mat_VarCreate(name, MAT_C_DOUBLE, MAT_T_DOUBLE, 2, &dims, &numbers, 0)
        case .text(let text):
            // As UTF-8 libmatio would count bytes where MATLAB counts characters.
            var units = Array(text.utf16)
            var dims = [1, units.count]
            return Mat_VarCreate(name, MAT_C_CHAR, MAT_T_UINT16, 2, &dims, &units, 0)
        case .cells(let cells, let isColumn):
            var parts = cells.map { make($0) }
            var dims = isColumn ? [parts.count, 1] : [1, parts.count]
            return Mat_VarCreate(name, MAT_C_CELL, MAT_T_CELL, 2, &dims, &parts, 0)
        case .structs(let fields, let records):
            let dims = [1, records.count]
            let names = fields.map { strdup($0) }
            defer { for name in names { free(name) } }
            var pointers = names.map { UnsafePointer($0) } + [nil]
            guard let variable = Mat_VarCreateStruct2(name, 2, dims, &pointers) else { return nil }
            for (element, values) in records.enumerated() {
                for (field, value) in values.enumerated() {
                    Mat_VarSetStructFieldByIndex(variable, field, element, make(value))
                }
            }
            return variable
        case .other(let what):
            preconditionFailure("\(what) cannot be written to a MATLAB file")
        }
    }
}
