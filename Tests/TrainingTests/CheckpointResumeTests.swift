import Foundation
import Safetensors
import Testing
import Training

@Suite struct CheckpointResumeTests {
    let fixture = CheckpointFixture()

    func saveThree() throws -> CheckpointStore {
        let store = fixture.store()
        for step in [10, 20, 30] { try store.save(CheckpointFixture.checkpoint(step: step)) }
        return store
    }

    @Test func everyBitOfTheTensorFilesIsGuarded() throws {
        let path = try fixture.store().save(CheckpointFixture.checkpoint(step: 1))
        for file in [CheckpointFile.model, CheckpointFile.optimizer] {
            let bits = try Data(contentsOf: URL(filePath: "\(path)/\(file)")).count * 8
            for bit in stride(from: 0, to: bits, by: 11) {
                try fixture.flipBit(bit, of: file, step: 1)
                #expect(throws: CheckpointError.self, "bit \(bit) of \(file)") { try Checkpoint.load(path) }
                try fixture.flipBit(bit, of: file, step: 1)
            }
        }
        #expect(try Checkpoint.load(path).state == CheckpointFixture.checkpoint(step: 1).state)
    }

    @Test func noFlippedBitOfTheStateChangesItUnnoticed() throws {
        let path = try fixture.store().save(CheckpointFixture.checkpoint(step: 1))
        let bits = try Data(contentsOf: URL(filePath: "\(path)/\(CheckpointFile.state)")).count * 8
        let tried = stride(from: 0, to: bits, by: 13)
        var detected = 0
        for bit in tried {
            try fixture.flipBit(bit, of: CheckpointFile.state, step: 1)
            do {
                // Only white space may differ unnoticed.
                #expect(try Checkpoint.load(path).state == CheckpointFixture.checkpoint(step: 1).state, "bit \(bit)")
            } catch is CheckpointError {
                detected += 1
            }
            try fixture.flipBit(bit, of: CheckpointFile.state, step: 1)
        }
        #expect(detected > Array(tried).count / 2)
    }

    @Test func automaticResumeFallsBackWithAWarning() throws {
        let store = try saveThree()
        #expect(try store.resolve(.auto)?.warnings == [])
        try fixture.flipBit(2400, of: CheckpointFile.model, step: 30)
        try FileManager.default.removeItem(atPath: "\(store.path(ofStep: 20))/\(CheckpointFile.optimizer)")
        let point = try #require(try store.resolve(.auto))
        #expect(point.checkpoint.state.step == 10)
        #expect(point.path == store.path(ofStep: 10))
        #expect(point.warnings.count == 2)
        #expect(
            try #require(point.warnings.first).hasPrefix(
                "\(store.path(ofStep: 30))/model.safetensors is damaged: checksum "))
        #expect(
            point.warnings.last
                == "\(store.path(ofStep: 20))/optimizer.safetensors is damaged: the file is missing; "
                + "use the checkpoint before it: \(store.path(ofStep: 10))")
    }

    @Test func automaticResumeWithoutAnyUsableCheckpointDoesNotStartAnewSilently() throws {
        let store = fixture.store()
        try store.save(CheckpointFixture.checkpoint(step: 10))
        try Data().write(to: URL(filePath: "\(store.path(ofStep: 10))/model.safetensors"))
        let text = message { try store.resolve(.auto) }
        #expect(text.hasPrefix("no checkpoint in \(fixture.directory) can be used: "))
        #expect(text.contains("checkpoint-10/model.safetensors: it has 0 bytes, not "))
        #expect(text.hasSuffix("Restore one from a copy, or start anew with --resume never"))
    }

    @Test func aDanglingLatestLinkDoesNotHideCheckpoints() throws {
        let store = try saveThree()
        try FileManager.default.removeItem(atPath: store.path(ofStep: 30))
        #expect(try store.latestStep() == nil)
        #expect(try store.resolve(.auto)?.checkpoint.state.step == 20)
    }

    @Test func nothingIsResumedFromAnEmptyFolderNorWhenAskedNotTo() throws {
        #expect(try fixture.store().resolve(.auto) == nil)
        let store = try saveThree()
        #expect(try store.resolve(.never) == nil)
    }

    @Test func pathsNameACheckpointALinkOrAFolderOfCheckpoints() throws {
        let store = try saveThree()
        let elsewhere = CheckpointStore(directory: "/nowhere")
        let paths = [
            store.path(ofStep: 20): 20, "\(fixture.directory)/latest": 30, fixture.directory: 30,
            "\(fixture.directory)/checkpoint-10/": 10,
        ]
        for (path, step) in paths {
            #expect(try elsewhere.resolve(ResumeChoice(path))?.checkpoint.state.step == step, "\(path)")
        }
        #expect(ResumeChoice("auto") == .auto)
        #expect(ResumeChoice("never") == .never)
        #expect(
            message { try elsewhere.resolve(.path("/nowhere/at-all")) }
                == "/nowhere/at-all is neither a checkpoint (a folder with state.json) nor a folder of checkpoints "
                + "(with a link 'latest'): name one of these")
    }

    @Test func aDamagedCheckpointNamedByPathIsAnErrorThatNamesTheOneBefore() throws {
        let store = try saveThree()
        try FileManager.default.removeItem(atPath: "\(store.path(ofStep: 30))/state.json")
        #expect(
            message { try store.resolve(.path("\(fixture.directory)/latest")) }
                == "\(store.path(ofStep: 30))/state.json is damaged: the file is missing; "
                + "use the checkpoint before it: \(store.path(ofStep: 20))")
        try FileManager.default.removeItem(atPath: "\(store.path(ofStep: 10))/state.json")
        #expect(
            message { try Checkpoint.load(store.path(ofStep: 10)) }
                == "\(store.path(ofStep: 10))/state.json is damaged: the file is missing; there is no checkpoint before "
                + "it: restore the folder from a copy, or start anew with --resume never")
    }

    @Test func aLaterFormatIsNotTakenForDamage() throws {
        let store = try saveThree()
        let url = URL(filePath: "\(store.path(ofStep: 30))/state.json")
        let text = try String(contentsOf: url, encoding: .utf8)
        #expect(text.contains("\"formatVersion\" : 1"))
        try text.replacing("\"formatVersion\" : 1", with: "\"formatVersion\" : 2").write(
            to: url, atomically: true, encoding: .utf8)
        #expect(
            message { try store.resolve(.auto) }
                == "\(url.path) has format version 2, but this program knows only versions up to 1: "
                + "use the version of the program that wrote it, or a later one")
    }
}

@Suite struct CheckpointCompatibilityTests {
    let file = CheckpointFixture.checkpoint(step: 1).model

    @Test func theSameTensorsInAnyOrderFit() throws {
        try file.requireTensors([("bn1.num_batches_tracked", []), ("conv1.weight", [2, 3, 2, 2])])
    }

    @Test func everyKindOfDifferenceIsListed() {
        let expected: [(name: String, shape: [Int])] =
            [("conv1.weight", [4, 3, 2, 2])] + (1...5).map { ("layer\($0).weight", [1]) }
        #expect(
            message { try file.requireTensors(expected) }
                == "the file is of another model: missing from it: 'layer1.weight', 'layer2.weight', 'layer3.weight' "
                + "and 2 more; unknown to the model: 'bn1.num_batches_tracked'; of another shape: 'conv1.weight' "
                + "[2, 3, 2, 2], not [4, 3, 2, 2]. Choose the architecture, attention and number of classes it was "
                + "trained with")
    }
}
