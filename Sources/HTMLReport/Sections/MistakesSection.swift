import Foundation
import Training

/// How one run's model errs: its confusion matrix, the pairs of classes it confuses, its worst errors.
struct MistakesSection {
    /// The run's number on the page.
    let index: Int
    let run: RecordedRun
    let evaluation: RunEvaluation
    let selection: EvaluationSelection

    private let names: [String]

    init(index: Int, run: RecordedRun, evaluation: RunEvaluation, selection: EvaluationSelection) {
        self.index = index
        self.run = run
        self.evaluation = evaluation
        self.selection = selection
        names = ClassTitles(evaluation.classNames).titles
    }

    var html: HTML {
        let model = evaluation.isAverage ? "The weights' average" : "The model"
        let count = Figure.count(evaluation.images.count, "image")
        return """
            <p>\(model) of step \(evaluation.step) on \(evaluation.dataset), \(evaluation.split): top-1 \
            \(Figure.percent(evaluation.top1, digits: 2)), top-5 \(Figure.percent(evaluation.top5, digits: 2)) of \
            \(count).</p>\(confusion)\(pairs)\(errors)
            """
    }

    // MARK: - Confusion

    /// What the page's script needs to tell of a cell.
    private struct Cells: Encodable {
        let names: [String]
        let totals: [Int]
        let cells: [Int]
    }

    private var confusion: HTML {
        let matrix = evaluation.confusion
        let grid = ConfusionGrid(matrix)
        let data = Cells(names: names, totals: names.indices.map(matrix.count), cells: grid.cells)
        let labels: HTML =
            names.count <= 30
            ? "<div class=\"names\" aria-hidden=\"true\">\(names.map { "<span>\($0)</span>" as HTML })</div>" : ""
        func shades(_ kind: HTML) -> HTML {
            "\((1...ConfusionGrid.levels).map { "<i class=\"\(kind) level-\($0)\"></i>" as HTML })"
        }
        return """
            <h3>Confusion matrix</h3><div class="confusion" data-cells="cells-\(index)">\
            <div class="matrix">\(labels)<div class="cells" tabindex="0" role="group" \
            aria-label="Confusion matrix: arrow keys read cells">\(grid.svg)</div></div>\
            <div class="reading"><output aria-live="polite">A row is a class, a column what its images were taken for. \
            Point at a cell to read it.</output><p class="shades"><span>right \(shades("right"))</span>\
            <span>wrong \(shades("wrong"))</span> <small>the stronger, the larger the share of the class</small></p></div>\
            </div>\(HTML.data(data, id: "cells-\(index)"))
            """
    }

    // MARK: - Pairs

    private var pairs: HTML {
        guard !selection.pairs.isEmpty else { return "<p>No image was taken for another class.</p>" }
        let cards = selection.pairs.map { pair -> HTML in
            """
            <article class="pair"><h4><b>\(names[pair.label])</b> taken for <b>\(names[pair.predicted])</b> <small>\
            \(pair.count) of \(pair.total)</small></h4><div class="sides"><div><p>\(names[pair.label]), mistaken</p>\
            <div class="strip">\(pair.mistaken.map(picture))</div></div><div><p>\(names[pair.predicted]), genuine</p>\
            <div class="strip">\(pair.genuine.map(picture))</div></div></div></article>
            """
        }
        return "<h3>Most confused pairs</h3><div class=\"pairs\">\(cards)</div>"
    }

    private func picture(_ position: Int) -> HTML {
        let image = evaluation.images[position]
        let told =
            "\(image.path): \(names[image.label]), taken for \(names[image.predicted]) with "
            + Figure.percent(image.probabilities[0])
        return Self.image(evaluation.pictures[position], told)
    }

    private static func image(_ picture: RunEvaluation.Picture?, _ told: String) -> HTML {
        guard let picture else { return "<span class=\"nopicture\">\(told)</span>" }
        return """
            <img src="data:image/jpeg;base64,\(picture)" alt="\(told)" title="\(told)" decoding="async">
            """
    }

    // MARK: - Errors

    private var errors: HTML {
        guard !selection.errors.isEmpty else { return "" }
        let cards = selection.errors.map { position -> HTML in
            let image = evaluation.images[position]
            let maps = (evaluation.maps[position] ?? []).map { map -> HTML in
                let told = "\(map.title) of \(image.path)"
                return "<div>\(Self.image(map.picture, told))<small>\(map.caption)</small></div>"
            }
            let probability = Figure.percent(exp(-image.loss))
            return """
                <article class="error"><div class="strip"><div>\(picture(position))<small>image</small></div>\
                \(maps)</div><dl><dt>is</dt><dd>\(names[image.label])</dd><dd class="figure">\(probability)</dd>\
                <dt>taken for</dt><dd>\(names[image.predicted])</dd><dd class="figure">\
                \(Figure.percent(image.probabilities[0]))</dd></dl>\
                <p class="path" title="\(image.path)">loss \(Figure.short(image.loss)), \(image.path)</p></article>
                """
        }
        return """
            <h3>Worst errors</h3><p class="note">Those of the highest loss. Attention: where the spatial attention of a late \
            layer lets features through. For the mistake, for the truth: what speaks for the class that was chosen, and for \
            the image's own (Grad-CAM).</p><div class="errors">\(cards)</div>
            """
    }
}
