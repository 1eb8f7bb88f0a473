import Foundation
import Reporting
import Testing
import Training

@Suite struct ClassificationReportTests {
    private func report(topCount: Int, classNames: [String] = ["wren", "grey, \"owl\"", "tit"]) -> ClassificationReport
    {
        var report = ClassificationReport(classNames: classNames, topCount: topCount)
        report.add(
            path: "a.jpg",
            .classified(Prediction(index: 0, ranking: [1, 2, 0], probabilities: [0.75, 0.1875, 0.0625])))
        report.add(path: "b,c.png", .failed("b,c.png: the file is empty"))
        report.add(
            path: "a long name.jpg",
            .classified(Prediction(index: 1, ranking: [0, 1, 2], probabilities: [1, 0, 0])))
        return report
    }

    @Test func tablesHaveALineAClass() {
        #expect(
            report(topCount: 2).text(.table) == """
                image            probability  class
                a.jpg                75.00 %  grey, "owl"
                                     18.75 %  tit
                b,c.png                       (not readable)
                a long name.jpg     100.00 %  wren
                                      0.00 %  grey, "owl"

                """)
    }

    @Test func everyImageHasARowOfCSV() {
        #expect(
            report(topCount: 1).text(.csv) == """
                path,top1,probability1,error
                a.jpg,"grey, ""owl""\",0.750000,
                "b,c.png",,,"b,c.png: the file is empty"
                a long name.jpg,wren,1.000000,

                """)
        #expect(
            report(topCount: 9).text(.csv).hasPrefix(
                "path,top1,probability1,top2,probability2,top3,probability3,error\n"))
    }

    @Test func everyImageHasALineOfJSON() throws {
        let lines = report(topCount: 2).text(.jsonl).split(separator: "\n")
        #expect(
            lines == [
                #"{"classes":[{"index":1,"name":"grey, \"owl\"","probability":0.75},{"index":2,"name":"tit","probability":0.1875}],"path":"a.jpg"}"#,
                #"{"error":"b,c.png: the file is empty","path":"b,c.png"}"#,
                #"{"classes":[{"index":0,"name":"wren","probability":1},{"index":1,"name":"grey, \"owl\"","probability":0}],"path":"a long name.jpg"}"#,
            ])
    }
}
