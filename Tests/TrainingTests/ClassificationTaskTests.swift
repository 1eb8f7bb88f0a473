import Kernels
import Safetensors
import Testing
import Training

extension TrainingRuns {
    /// What a checkpoint tells of classes and images, so that it can be used without its data set.
    @Suite struct ClassificationTaskTests {
        private func model(at path: String, imageSize: Int? = nil) throws -> TrainedModel {
            try TrainedModel(
                checkpoint: path, imageSize: imageSize, batchSize: 1, backend: AcceleratedBackend(threads: 1))
        }

        /// A checkpoint of the fixture's run with other metadata.
        private func rewritten(
            _ fixture: CheckpointFixture, _ change: (inout [String: String]) -> Void
        ) throws -> String {
            let store = try TrainingFixture.checkpointed()
            var checkpoint = try Checkpoint.load(store.path(ofStep: 3))
            var metadata = checkpoint.model.metadata
            change(&metadata)
            checkpoint.model = SafetensorsFile(metadata: metadata, tensors: checkpoint.model.tensors)
            return try fixture.store().save(checkpoint)
        }

        @Test func checkpointsKnowTheirClassesAndTheirImages() throws {
            let (dataset, store) = (try TrainingFixture.dataset(), try TrainingFixture.checkpointed())
            let trained = try model(at: store.directory)
            #expect(trained.classNames == dataset.classNames)
            #expect(trained.preprocessing == Preprocessing(imageSize: 32, view: .center, cropBoxes: false))
            #expect(try model(at: store.directory, imageSize: 64).preprocessing.imageSize == 64)
            let metadata = try Checkpoint.load(store.path(ofStep: 3)).model.metadata
            #expect(metadata["dataset"] == dataset.name)
            #expect(metadata["crop-ratio"] == "0.875")
            #expect(metadata["pixel-mean"] == "0.485,0.456,0.406")
            #expect(metadata["pixel-deviation"] == "0.229,0.224,0.225")
        }

        @Test func theMovingAverageKnowsThemToo() throws {
            let fixture = CheckpointFixture()
            let configuration = TrainingConfiguration.small(output: fixture.directory) { $0.ema = 0.5 }
            _ = try Trial(configuration, on: try TrainingFixture.dataset()).ends.get()
            let checkpoint = try Checkpoint.load("\(fixture.directory)/latest")
            #expect(checkpoint.average?.metadata == checkpoint.model.metadata)
            #expect(checkpoint.model.metadata["class-names"] != nil)
        }

        @Test func olderCheckpointsSayHowTheySawImagesInTheirOptions() throws {
            let fixture = CheckpointFixture()
            let path = try rewritten(fixture) { metadata in
                for key in ["dataset", "class-names", "image-size", "eval", "crop-boxes"] { metadata[key] = nil }
            }
            let trained = try model(at: path)
            #expect(trained.classNames == nil)
            #expect(trained.preprocessing == Preprocessing(imageSize: 32, view: .center, cropBoxes: false))
        }

        @Test(arguments: ["[\"one\", \"two\"]", "one,two,three", "[1, 2, 3]"])
        func namesThatAreNotThoseOfTheClassesAreRefused(names: String) throws {
            let fixture = CheckpointFixture()
            let path = try rewritten(fixture) { $0["class-names"] = names }
            #expect(throws: TrainingError.notAModel(path: path, key: "class-names")) { try model(at: path) }
        }
    }
}
