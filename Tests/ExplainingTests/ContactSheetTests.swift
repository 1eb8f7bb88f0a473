import Datasets
import Explaining
import Testing

@Suite struct ContactSheetTests {
    private func square(_ side: Int, _ value: UInt8) -> RGBImage {
        RGBImage(width: side, height: side, pixels: [UInt8](repeating: value, count: 3 * side * side))
    }

    private func sheet(title: String = "t", columns: Int, cells: Int, rows: Int = 1) -> RGBImage {
        var sheet = ContactSheet(title: title, legend: "l", cellSize: 64, columns: columns)
        for _ in 0..<rows {
            sheet.add(
                ContactSheet.Row(
                    title: "row", subtitle: "s",
                    cells: (0..<cells).map { _ in ContactSheet.Cell(square(16, 7), captions: ["c"]) }))
        }
        return sheet.image
    }

    /// Pixels of the pictures' colour, which nothing else has.
    private func pictured(_ image: RGBImage) -> Int {
        let pixels = image.pixels
        return stride(from: 0, to: pixels.count, by: 3).count { pixels[$0] == 7 && pixels[$0 + 1] == 7 }
    }

    @Test func everyPictureIsThereInItsSize() {
        #expect(pictured(sheet(columns: 4, cells: 3)) == 3 * 64 * 64)
        #expect(pictured(sheet(columns: 4, cells: 9, rows: 2)) == 18 * 64 * 64)
    }

    @Test func moreCellsThanColumnsTakeMoreLines() {
        let (one, three) = (sheet(columns: 4, cells: 4), sheet(columns: 4, cells: 9))
        #expect(one.width == three.width)
        #expect(three.height - one.height == 2 * (64 + 12 + 16))
    }

    @Test func longTitlesAreCutAtTheColumns() {
        let long = sheet(title: String(repeating: "long ", count: 100), columns: 4, cells: 1)
        #expect(long.width == sheet(columns: 4, cells: 4).width)
        #expect(pictured(long) == 64 * 64)
    }

    @Test func picturesKeepTheirProportions() {
        var sheet = ContactSheet(title: "", legend: "", cellSize: 64)
        let wide = RGBImage(width: 100, height: 50, pixels: [UInt8](repeating: 7, count: 3 * 5000))
        sheet.add(ContactSheet.Row(title: "", subtitle: "", cells: [ContactSheet.Cell(wide, captions: [])]))
        #expect(pictured(sheet.image) == 64 * 32)
    }

    /// The letters' dots, as a person would check them.
    @Test func labelsAreLegible() {
        var sheet = ContactSheet(title: "Té–", legend: "", cellSize: 8, columns: 40)
        sheet.add(ContactSheet.Row(title: "", subtitle: "", cells: []))
        let image = sheet.image
        let drawn = (0..<8).map { row in
            String((0..<17).map { column in image[16 + 2 * column, 16 + 2 * row].red < 128 ? "#" : "." })
        }
        #expect(
            drawn == [
                "#####............",
                "..#..............",
                "..#....###.......",
                "..#...#...#.#####",
                "..#...#####......",
                "..#...#..........",
                "..#....###.......",
                ".................",
            ])
    }

    @Test func anEmptySheetHasItsTitle() {
        let image = ContactSheet(title: "nothing", legend: "no images").image
        #expect(image.width > 100 && image.height > 40)
    }
}
