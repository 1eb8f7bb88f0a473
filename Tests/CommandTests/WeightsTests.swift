import Testing

extension Command {
    @Suite struct Weights {
        /// The file is of a run with other attention modules.
        @Test func whatAFileHasAndLacksIsListedOnce() throws {
            let folder = try TemporaryFolder()
            let file = "\(Birds.run)/latest/model.safetensors"
            let output = try AAM.succeed(
                AAM.training(into: folder("run"), ["--attention=se", "--weights=\(file)"]), ranks: 2
            ).stdout
            let lines = output.split(separator: "\n").filter { $0.contains(file) }
            try #require(lines.count == 3, "\(output)")
            #expect(
                lines[0]
                    == "\(file): loaded 122 tensors: conv1 1, bn1 5, layer1 24, layer2 30, layer3 30, layer4 30, fc 2")
            #expect(lines[1].hasPrefix("\(file): left out layer1.0.attention.channel.weight, "))
            #expect(lines[2].hasPrefix("not in \(file), left as initialised: layer1.0.attention.fc1.weight, "))
            #expect(try text(of: folder("run/log.txt")).contains(lines[0]))
        }

        @Test func weightsOfAnotherNetworkAreRefused() throws {
            let folder = try TemporaryFolder()
            let file = "\(Birds.run)/latest/model.safetensors"
            let result = try AAM.run(AAM.training(into: folder("run"), ["--model=resnet50", "--weights=\(file)"]))
            #expect(result.status == 1)
            #expect(
                result.stderr.contains("\(file) is of another model: of another shape: 'layer1.0.conv1.weight' "),
                "\(result.stderr)")
            #expect(result.stderr.contains("where: while reading the weights \(file)"), "\(result.stderr)")
        }
    }
}
