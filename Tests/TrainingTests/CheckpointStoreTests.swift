import Foundation
import Safetensors
import Testing
import Training

@Suite struct CheckpointStoreTests {
    let fixture = CheckpointFixture()

    @Test func everythingComesBackExactly() throws {
        let saved = CheckpointFixture.checkpoint(step: 120)
        let path = try fixture.store().save(saved)
        #expect(path == "\(fixture.directory)/checkpoint-120")
        let loaded = try Checkpoint.load(path)
        #expect(loaded.state == saved.state)
        #expect(loaded.model.metadata == saved.model.metadata)
        #expect(loaded.model.tensors == saved.model.tensors)
        #expect(loaded.optimizer.tensors == saved.optimizer.tensors)
        #expect(try fixture.names() == ["checkpoint-120", "latest"])
    }

    @Test func metricsThatAreNotNumbersComeBack() throws {
        var saved = CheckpointFixture.checkpoint(step: 1)
        saved.state.bestMetric = .nan
        saved.state.bestStep = nil
        let state = try Checkpoint.load(try fixture.store().save(saved)).state
        #expect(state.bestMetric?.isNaN == true)
        #expect(state.bestStep == nil)
    }

    @Test func linksPointToTheLatestAndTheBest() throws {
        let store = fixture.store()
        try store.save(CheckpointFixture.checkpoint(step: 10), isBest: true)
        try store.save(CheckpointFixture.checkpoint(step: 20))
        #expect(try fixture.target("latest") == "checkpoint-20")
        #expect(try fixture.target("best") == "checkpoint-10")
        #expect(try store.latestStep() == 20)
        #expect(try store.bestStep() == 10)
        #expect(try Checkpoint.load("\(fixture.directory)/best").state.step == 10)
    }

    @Test func theLastOnesAndTheBestAreKept() throws {
        let store = fixture.store(keeping: 2)
        for step in [2, 9, 10, 100, 1000] {
            try store.save(CheckpointFixture.checkpoint(step: step), isBest: step == 9)
        }
        #expect(try store.steps() == [9, 100, 1000])
        #expect(try fixture.names() == ["best", "checkpoint-100", "checkpoint-1000", "checkpoint-9", "latest"])
    }

    @Test func aRunThatWentBackKeepsItsOwnCheckpoints() throws {
        let store = fixture.store(keeping: 1)
        let ahead = fixture.store(keeping: 9)
        for step in [10, 20, 30] { try ahead.save(CheckpointFixture.checkpoint(step: step)) }
        try store.save(CheckpointFixture.checkpoint(step: 15))
        #expect(try store.steps() == [15, 20, 30])
        #expect(try store.resolve(.auto)?.checkpoint.state.step == 15)
    }

    @Test func aCheckpointOfTheSameStepIsReplaced() throws {
        let store = fixture.store()
        try store.save(CheckpointFixture.checkpoint(step: 5))
        var second = CheckpointFixture.checkpoint(step: 5)
        second.state.epoch = 77
        try store.save(second)
        #expect(try Checkpoint.load(store.path(ofStep: 5)).state.epoch == 77)
        #expect(try fixture.names() == ["checkpoint-5", "latest"])
    }

    @Test func interruptedWritesAreNeverPickedAndAreRemovedAtTheStart() throws {
        let store = fixture.store()
        try store.save(CheckpointFixture.checkpoint(step: 10))
        // What a process killed just before the rename leaves: a complete folder under the temporary name.
        let leftover = "\(fixture.directory)/.checkpoint-20.partial-X"
        try FileManager.default.copyItem(atPath: store.path(ofStep: 10), toPath: leftover)
        #expect(try store.steps() == [10])
        #expect(try store.resolve(.auto)?.checkpoint.state.step == 10)
        try store.prepareForWriting()
        #expect(try fixture.names() == ["checkpoint-10", "latest"])
    }

    @Test func aFailedSaveLeavesWhatWasThere() throws {
        let store = fixture.store()
        try store.save(CheckpointFixture.checkpoint(step: 10))
        // A folder in the link's place cannot be replaced by a link.
        try FileManager.default.createDirectory(
            atPath: "\(fixture.directory)/best/occupied", withIntermediateDirectories: true)
        let text = message { try store.save(CheckpointFixture.checkpoint(step: 20), isBest: true) }
        #expect(
            text
                == "cannot replace link \(fixture.directory)/best: Is a directory (errno 21); this is a folder: name a file"
        )
        #expect(try Checkpoint.load(store.path(ofStep: 10)).state.step == 10)
        #expect(try fixture.names().filter { $0.hasPrefix(".") } == [])
    }

    @Test func anUnwritableDirectoryIsNamedWithTheReason() throws {
        let file = fixture.directory + ".file"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Data().write(to: URL(filePath: file))
        let store = CheckpointStore(directory: "\(file)/run")
        #expect(
            message { try store.save(CheckpointFixture.checkpoint(step: 1)) }
                == "cannot create folder \(file)/run: Not a directory (errno 20); a part of the path is a file, not a folder"
        )
    }

    @Test func foreignNamesAreNotTakenForCheckpoints() throws {
        let store = fixture.store()
        try store.save(CheckpointFixture.checkpoint(step: 1))
        for name in ["checkpoint-", "checkpoint-07", "checkpoint--3", "checkpoint-x", "checkpoint-+4", "other"] {
            try FileManager.default.createDirectory(
                atPath: "\(fixture.directory)/\(name)", withIntermediateDirectories: false)
        }
        #expect(try store.steps() == [1])
    }
}
