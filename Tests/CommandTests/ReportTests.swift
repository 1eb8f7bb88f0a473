import Foundation
import TestSupport
import Testing

extension Command {
    /// The HTML report of runs.
    @Suite struct Report {
        /// Two runs: one without attention, and one with another loss.
        private static let runs = Birds.shared("reports") { path in
            for (name, options) in [("none", ["--attention=none"]), ("a<b", ["--loss=cc", "--epochs=3"])] {
                try AAM.succeed(AAM.training(into: "\(path)/\(name)", options))
            }
        }
        private let none = "\(Self.runs)/none"
        private let other = "\(Self.runs)/a<b"

        private func page(_ arguments: [String], ranks: Int? = nil) throws -> (text: String, output: String) {
            let folder = try TemporaryFolder()
            let result = try AAM.succeed(
                ["report", "--threads=1", "--output=\(folder("page.html"))"] + arguments, ranks: ranks)
            return (try text(of: folder("page.html")), result.stdout)
        }

        @Test func evaluatedRunIsKnownToTheNextReport() throws {
            let (first, output) = try page([none], ranks: 2)
            #expect(output.contains("none: 20 images of CUB-200-2011 classified"))
            for part in ["confusion", "pairs", "errors", "classes sortable", "times"] {
                #expect(first.contains("class=\"\(part)\""), "\(part)")
            }
            // Evidence for the mistake and for the label of each error, and what the model saw.
            let errors = first.components(separatedBy: "<article class=\"error\">").count - 1
            #expect(errors > 0)
            #expect(first.components(separatedBy: "<small>for the truth</small>").count - 1 == errors)
            let (second, silence) = try page([none])
            #expect(!silence.contains("classified"))
            func withoutDate(_ page: String) -> String { page.replacing(#/Written by .*\./#, with: "") }
            #expect(withoutDate(second) == withoutDate(first))
        }

        @Test func runsLieOverEachOther() throws {
            let (text, _) = try page([none, other])
            #expect(text.contains("<title>none, a&lt;b</title>") && !text.contains("a<b"))
            let differences = text.components(separatedBy: "Options that differ between the runs")[1]
                .components(separatedBy: "</table>")[0]
            for option in ["attention", "loss", "epochs"] {
                #expect(differences.contains("<code>\(option)</code>"), "\(option)")
            }
            #expect(!differences.contains("<code>output</code>"))
            #expect(text.contains("spatial attention of layer"))
            #expect(text.contains("Loss with all its terms"))
        }

        @Test func runWhoseDataIsGoneIsReportedWithoutItsMistakes() throws {
            let folder = try TemporaryFolder()
            let birds = try Birds.copy(into: folder)
            try AAM.succeed(AAM.training(on: birds, into: folder("run"), ["--epochs=1"]))
            try FileManager.default.removeItem(atPath: birds)
            let (text, output) = try page([folder("run")])
            #expect(output.contains("warning: not evaluated: run: "), "\(output)")
            #expect(text.contains("Not shown: run: ") && text.contains("<section id=\"curves\">"))
            #expect(!text.contains("class=\"confusion\""))
        }

        @Test func runOfAnEarlierVersionIsReportedWithWhatItHas() throws {
            let folder = try TemporaryFolder()
            try FileManager.default.copyItem(atPath: Birds.run, toPath: folder("old"))
            try FileManager.default.removeItem(atPath: folder("old/environment.jsonl"))
            let rows = try text(of: folder("old/metrics.csv")).split(separator: "\n").map { row in
                row.split(separator: ",", omittingEmptySubsequences: false).prefix(12).joined(separator: ",")
            }
            try rows.joined(separator: "\n").write(
                toFile: folder("old/metrics.csv"), atomically: true, encoding: .utf8)
            let (text, _) = try page([folder("old"), "--no-evaluate"])
            #expect(text.contains("<section id=\"curves\">"))
            for section in ["time", "cluster", "mistakes-0", "classes"] {
                #expect(!text.contains("<section id=\"\(section)\">"), "\(section)")
            }
        }

        @Test func folderWithoutARunEndsWithItsName() throws {
            let folder = try TemporaryFolder()
            let result = try AAM.run(["report", folder("nothing"), "--output=\(folder("page.html"))"])
            #expect(result.status == 1)
            #expect(result.stderr.contains("\(folder("nothing")) is no run folder"))
            #expect(!FileManager.default.fileExists(atPath: folder("page.html")))
        }

        // MARK: - In a browser

        @Test(.enabled("needs chromium (deploy/install --with-browser)") { Browser.path != nil })
        func pageWorksInABrowser() throws {
            let folder = try TemporaryFolder()
            let page = folder("page.html")
            try AAM.succeed(["report", none, other, "--threads=1", "--output=\(page)"])
            let browser = try Browser()
            for (width, scheme) in [(1400, "light"), (390, "dark")] {
                try browser.show(on: width, scheme: scheme, isMobile: width < 500)
                try browser.open(page)
                try expectLayout(browser, width: width, scheme: scheme)
                try expectHovering(browser)
                try expectControls(browser)
                let complaints = browser.events.filter {
                    ["Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"].contains($0.method)
                }
                #expect(complaints.isEmpty, "\(complaints)")
                let addresses = browser.events.filter { $0.method == "Network.requestWillBeSent" }.compactMap {
                    ($0.parameters["request"] as? [String: Any])?["url"] as? String
                }
                #expect(addresses.allSatisfy { $0.hasPrefix("file:") || $0.hasPrefix("data:") }, "\(addresses)")
            }
            // The page's own policy keeps it from the network.
            let fetched = try browser.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', (e) => e.name)")
            #expect(fetched as? String == "TypeError")
            #expect(browser.events.contains { "\($0.parameters)".contains("Content Security Policy") })
        }

        private func number(_ browser: Browser, _ expression: String) throws -> Int {
            try #require(browser.evaluate(expression) as? Int, "\(expression)")
        }

        private func expectLayout(_ browser: Browser, width: Int, scheme: String) throws {
            #expect(try number(browser, "document.documentElement.scrollWidth") <= width, "\(width)")
            #expect(try number(browser, "document.querySelectorAll('figure.chart').length") == 5)
            // One of the three axes is shown.
            #expect(
                try number(browser, "[...document.querySelectorAll('.plot')].filter(e => e.offsetWidth).length") == 5)
            #expect(try number(browser, "[...document.images].filter(e => !e.complete || !e.naturalWidth).length") == 0)
            #expect(try number(browser, "document.images.length") > 4)
            #expect(
                try number(browser, "new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size")
                    == number(browser, "document.querySelectorAll('[id]').length"))
            let brightness = try number(browser, "+getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]")
            #expect(scheme == "light" ? brightness > 200 : brightness < 60)
        }

        private func expectHovering(_ browser: Browser) throws {
            try browser.point(at: ".by-epoch .area", x: 0.99, y: 0.5)
            let tip = try #require(browser.evaluate("document.getElementById('tip').innerText") as? String)
            #expect(tip.hasPrefix("epoch 3") && tip.contains("a<b, validation"), "\(tip)")
            // The second class's images among the four: the cell of those that were recognised.
            try browser.point(at: ".confusion svg", x: 0.375, y: 0.375)
            let reading = try #require(browser.evaluate("document.querySelector('output').innerText") as? String)
            #expect(reading.contains(" of 5 (") && reading.contains("recognised"), "\(reading)")
            #expect(try browser.evaluate("document.getElementById('tip').hidden") as? Bool == true)
        }

        private func expectControls(_ browser: Browser) throws {
            let shown =
                "[...document.querySelectorAll('.by-epoch .line[data-run=\"1\"]')]"
                + ".filter(e => getComputedStyle(e).display !== 'none').length"
            #expect(try number(browser, shown) > 0)
            _ = try browser.evaluate("document.getElementById('show-1').click()")
            #expect(try number(browser, shown) == 0)
            _ = try browser.evaluate("document.querySelector('[name=axis][value=step]').click()")
            #expect(try number(browser, "document.querySelector('.by-epoch').offsetWidth") == 0)
            #expect(try number(browser, "document.querySelector('.by-step').offsetWidth") > 0)
            let column = "[...document.querySelectorAll('.classes tbody tr')].map(r => +r.cells[2].dataset.value)"
            _ = try browser.evaluate("document.querySelectorAll('.classes th button')[2].click()")
            #expect(
                try browser.evaluate("(c => '' + c === '' + [...c].sort((a, b) => b - a))(\(column))") as? Bool == true)
        }
    }
}
