import Datasets

/// Many pictures with captions as one: a title and a legend, then a row for each image, in as many lines as it needs.
public struct ContactSheet: Sendable {
    public struct Cell: Sendable {
        public let picture: RGBImage
        /// A line below the picture each.
        public let captions: [String]

        public init(_ picture: RGBImage, captions: [String]) {
            self.picture = picture
            self.captions = captions
        }
    }

    /// Pictures under one title.
    public struct Row: Sendable {
        public let title: String
        /// Small, below the title.
        public let subtitle: String
        public let cells: [Cell]

        public init(title: String, subtitle: String, cells: [Cell]) {
            self.title = title
            self.subtitle = subtitle
            self.cells = cells
        }
    }

    private let title: String
    private let legend: String
    private let cellSize: Int
    private let columns: Int
    private let colors: ColorMap
    private var rows: [Row] = []

    private static let margin = 16
    private static let gap = 8
    private static let lineHeight = 12
    /// Of titles, whose letters are twice as large as captions'.
    private static let titleHeight = 26
    private static let rowHeaderHeight = titleHeight + lineHeight
    private static let barWidth = 160
    private static let (paper, ink, grey) = (0xFFFFFF as UInt32, 0x202020 as UInt32, 0x606060 as UInt32)

    /// - Parameters:
    ///   - legend: what the colours mean, beside a bar of them.
    ///   - cellSize: side of the square in which a picture is shown as large as it fits.
    ///   - columns: pictures side by side.
    public init(
        title: String, legend: String, cellSize: Int = 152, columns: Int = 10, colors: ColorMap = .viridis
    ) {
        precondition(cellSize > 0 && columns > 0, "\(columns) columns of \(cellSize) pixels")
        self.title = title
        self.legend = legend
        self.cellSize = cellSize
        self.columns = columns
        self.colors = colors
    }

    public mutating func add(_ row: Row) { rows.append(row) }

    /// The sheet as wide as its fullest line, or its title.
    public var image: RGBImage {
        let widest = rows.map { min($0.cells.count, columns) }.max() ?? 0
        let titleWidth = ([title] + rows.map(\.title)).map { 2 * BitmapFont.width(of: $0) }.max() ?? 0
        let textWidth = max(titleWidth, rows.map { BitmapFont.width(of: $0.subtitle) }.max() ?? 0)
        let legendWidth = Self.barWidth + Self.gap + BitmapFont.width(of: legend)
        // A long title does not make the sheet wider than its columns may.
        let limit = columns * (cellSize + Self.gap) - Self.gap
        let content = max(
            widest * (cellSize + Self.gap) - Self.gap, min(limit, max(textWidth, legendWidth)))
        let header = Self.titleHeight + Self.lineHeight + Self.margin
        var picture = Picture(
            width: content + 2 * Self.margin, height: rows.map(height).reduce(header + 2 * Self.margin, +),
            color: Self.paper)
        var y = Self.margin
        picture.write(Self.shortened(title, to: content, scale: 2), x: Self.margin, y: y, color: Self.ink, scale: 2)
        y += Self.titleHeight
        picture.draw(bar, x: Self.margin, y: y)
        picture.write(legend, x: Self.margin + Self.barWidth + Self.gap, y: y, color: Self.grey)
        y += Self.lineHeight + Self.margin
        for row in rows {
            draw(row, on: &picture, y: y, width: content)
            y += height(of: row)
        }
        return picture.image
    }

    private var bar: RGBImage {
        Heatmap(width: Self.barWidth, height: 1, values: (0..<Self.barWidth).map(Float.init)).image(colors)
            .resized(to: ImageSize(width: Self.barWidth, height: BitmapFont.height))
    }

    private func draw(_ row: Row, on picture: inout Picture, y top: Int, width: Int) {
        picture.write(
            Self.shortened(row.title, to: width, scale: 2), x: Self.margin, y: top, color: Self.ink, scale: 2)
        picture.write(
            Self.shortened(row.subtitle, to: width), x: Self.margin, y: top + Self.titleHeight - Self.gap / 2,
            color: Self.grey)
        for (index, cell) in row.cells.enumerated() {
            let x = Self.margin + index % columns * (cellSize + Self.gap)
            let y = top + Self.rowHeaderHeight + index / columns * lineHeight(of: row)
            let fitted = cell.picture.resized(to: fit(cell.picture.size))
            picture.draw(fitted, x: x + (cellSize - fitted.width) / 2, y: y + (cellSize - fitted.height) / 2)
            for (line, caption) in cell.captions.enumerated() {
                let shown = Self.shortened(caption, to: cellSize)
                picture.write(
                    shown, x: x + (cellSize - BitmapFont.width(of: shown)) / 2,
                    y: y + cellSize + Self.gap / 2 + line * Self.lineHeight, color: Self.grey)
            }
        }
    }

    private func height(of row: Row) -> Int {
        let lines = (row.cells.count + columns - 1) / columns
        return Self.rowHeaderHeight + lines * lineHeight(of: row) + Self.gap
    }

    private func lineHeight(of row: Row) -> Int {
        let captions = row.cells.map(\.captions.count).max() ?? 0
        return cellSize + captions * Self.lineHeight + 2 * Self.gap
    }

    private func fit(_ size: ImageSize) -> ImageSize {
        let longer = max(size.width, size.height)
        func scaled(_ side: Int) -> Int { max(1, side * cellSize / longer) }
        return ImageSize(width: scaled(size.width), height: scaled(size.height))
    }

    /// As much of a text as there is room for in so many pixels.
    private static func shortened(_ text: String, to width: Int, scale: Int = 1) -> String {
        let most = (width / scale + 1) / BitmapFont.advance
        return text.count <= most ? text : text.prefix(max(0, most - 2)) + ".."
    }
}
