import Foundation
import HTMLReport
import Reporting
import Testing

struct ReportPageTests {
    private static let nasty = "<b onclick=\"x()\">&'</script><!--"

    private func run(_ name: String, steps: Int = 40, options: [String: String] = [:]) -> RecordedRun {
        var csv = "kind,epoch,step,loss,learning_rate,images,seconds,data_wait_seconds,top1,top5,cross_entropy,"
        csv += "forward_seconds,backward_seconds,optimizer_seconds,communication_seconds\n"
        for step in 1...steps {
            let epoch = (step - 1) / 20 + 1
            csv +=
                "step,\(epoch),\(step),\(1 + 1 / Double(step)),0.01,8,0.1,0.01,,,\(1 / Double(step)),0.02,0.04,0.01,0.01\n"
            if step % 20 == 0 { csv += "validation,\(epoch),\(step),1.5,,20,0.1,,0.5,0.75,,,,,\n" }
        }
        return RecordedRun(
            name: name, folder: "/runs/\(name)",
            options: RunOptions(options.merging(["model": "resnet18"]) { $1 }), metrics: RunMetrics(csv: csv))
    }

    private func evaluation(_ names: [String]) -> RunEvaluation {
        RunEvaluation(
            step: 40, isAverage: false, dataset: "birds", split: "test", classNames: names,
            images: names.indices.flatMap { label in
                [label, (label + 1) % names.count].map { predicted in
                    RunEvaluation.Image(
                        path: "\(names[label])/1.jpg", label: label, ranking: [predicted], probabilities: [0.75],
                        loss: 2)
                }
            })
    }

    private func text(_ runs: [RecordedRun]) -> String {
        ReportPage(runs, date: Date(timeIntervalSince1970: 1_800_000_000), version: "1.2").text
    }

    @Test func everyTextIsEscapedWhereverItComesFrom() {
        var run = run(Self.nasty, options: [Self.nasty: Self.nasty])
        run.evaluation = evaluation([Self.nasty, "other"])
        let text = text([run])
        #expect(!text.contains(Self.nasty) && !text.contains("<b onclick"))
        #expect(text.contains(HTML.escaped(Self.nasty)))
        // The style sheet's and the script's, the page's own data, and nothing else.
        #expect(text.components(separatedBy: "</script>").count - 1 == 2)
        #expect(!text.contains("<!--"))
    }

    @Test func pageLoadsNothing() {
        var run = run("a")
        run.evaluation = evaluation(["a", "b"])
        let text = text([run])
        #expect(text.contains("content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; "))
        let addresses = text.components(separatedBy: "http://www.w3.org/2000/svg").joined()
        #expect(!addresses.contains("http:") && !addresses.contains("https:") && !addresses.contains("@import"))
        #expect(!text.contains(" src=\"") || !text.contains(" src=\"/"))
    }

    @Test func sectionsWithoutFindingsAreLeftOutAndMissingOnesAreExplained() {
        let plain = text([run("a")])
        #expect(!plain.contains("<section id=\"mistakes-0\">") && !plain.contains("<section id=\"cluster\">"))
        #expect(plain.contains("<section id=\"time\">"))
        var missing = run("a")
        missing.missing = "no data & no checkpoint"
        #expect(text([missing]).contains("Not shown: no data &amp; no checkpoint."))
    }

    @Test func runsLieOverEachOtherAndDifferencesAreATable() {
        let text = text([
            run("one", options: ["seed": "1", "mu": "2"]), run("two", options: ["seed": "2", "mu": "2"]),
        ])
        for index in 0...1 { #expect(text.contains("data-run=\"\(index)\"") && text.contains("id=\"show-\(index)\"")) }
        let differences = text.components(separatedBy: "Options that differ between the runs")[1].prefix(600)
        #expect(differences.contains("<code>seed</code>") && !differences.contains("<code>mu</code>"))
    }

    @Test func hostsOfAKindAreToldAtOnce() {
        let hosts = (1...6).map { index in
            RunEnvironment.Host(
                name: "node\(index)", ranks: 2, threads: 8, processor: "EPYC", sockets: 1, cores: 16,
                hardwareThreads: 32, memory: 64 << 30)
        }
        let environment = RunEnvironment(
            start: Date(timeIntervalSince1970: 1_800_000_000), launcher: "mpirun, 12 ranks", hosts: hosts,
            software: [.init("aam", "1.2"), .init("MPI", "Open MPI 4.1.4")])
        let run = RecordedRun(
            name: "a", folder: "/a", options: RunOptions([:]), metrics: RunMetrics(csv: ""),
            environments: [environment])
        let text = text([run])
        #expect(text.contains("<b>node1, node2, node3, node4, … (6 hosts)</b> 2 ranks × 8 threads"))
        #expect(text.contains("EPYC, 1 socket, 16 cores, 32 hardware threads, 64 GiB"))
        #expect(text.contains("<td>Open MPI 4.1.4</td>"))
        #expect(text.contains("<td>2027-01-15 08:00:00 UTC</td>"))
    }

    @Test func longRunsMakeNoLargePage() {
        let size = text([run("long", steps: 100_000)]).utf8.count
        #expect(size < 1_500_000, "\(size) bytes")
    }
}
