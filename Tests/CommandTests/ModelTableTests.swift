import Testing

extension Command {
    @Suite struct ModelTable {
        private func table(_ options: String...) throws -> [[String]] {
            try AAM.succeed(["train", "--print-model"] + options).stdout.split(separator: "\n").map { line in
                line.split(separator: " ").map(String.init)
            }
        }

        /// torchvision has 11,689,512 and 25,557,032 parameters for 1000 classes, so 800 · 513 and 800 · 2049 fewer for
        /// 200; attention adds 5 + 98 a block, of which there are 8 and 16.
        @Test(arguments: [
            ("resnet18", "none", 11_689_512 - 800 * 513), ("resnet18", "aam", 11_689_512 - 800 * 513 + 8 * 103),
            ("resnet50", "none", 25_557_032 - 800 * 2049), ("resnet50", "aam", 25_557_032 - 800 * 2049 + 16 * 103),
            // Perceptrons of 2·C²/16 in two blocks each of 64, 128, 256 and 512 channels.
            ("resnet18", "se", 11_689_512 - 800 * 513 + 87_040),
            ("resnet18", "cbam", 11_689_512 - 800 * 513 + 87_040 + 8 * 98),
            ("resnet18", "eca", 11_689_512 - 800 * 513 + 8 * 5),
            ("resnet18", "channel", 11_689_512 - 800 * 513 + 8 * 5),
            ("resnet18", "spatial", 11_689_512 - 800 * 513 + 8 * 98),
        ])
        func totalsAreTheArchitectures(model: String, attention: String, parameters: Int) throws {
            let lines = try table("--model=\(model)", "--attention=\(attention)")
            #expect(lines[0] == ["layer", "kind", "output", "parameters", "MFLOP"])
            let total = try #require(lines.first { $0.first == "total" })
            #expect(total[1] == String(parameters))
            #expect(lines.contains { $0[0] == "layer1.0.attention" } == (attention != "none"), "\(lines.map { $0[0] })")
            #expect(
                lines[lines.count - 1].joined(separator: " ")
                    == "Of a forward on one image of 224 x 224; a multiply-add counts as two operations.")
        }

        @Test func rowsAddUpToTheTotal() throws {
            let lines = try table("--attention-placement=stage", "--image-size=64")
            let rows = lines.dropFirst().prefix { $0[0] != "total" }
            let total = try #require(lines.first { $0[0] == "total" })
            #expect(rows.compactMap { Int($0[$0.count - 2]) }.reduce(0, +) == Int(total[1]))
            #expect(Int(total[1]) == 11_689_512 - 800 * 513 + 4 * 103)
            let operations = rows.compactMap { Double($0[$0.count - 1]) }.reduce(0, +)
            // Each row is rounded to a tenth.
            #expect(abs(operations - (Double(total[2]) ?? 0)) <= 0.05 * Double(rows.count) + 0.05)
        }

        @Test func dataGivesTheNumberOfClasses() throws {
            let last = try #require(try table("--data=\(Birds.folder)").first { $0[0] == "fc" })
            #expect(last == ["fc", "linear", "(1,", "4)", String(513 * 4), "0.0"])
        }
    }
}
