// swift-tools-version:6.1

import PackageDescription

let package = Package(
    name: "aam",
    products: [
        .executable(name: "aam", targets: ["aam"]),

        // For other packages, each with what its own interface speaks of.
        .library(name: "Models", targets: ["Models", "Kernels", "Tensors"]),
        .library(name: "Datasets", targets: ["Datasets", "Tensors"]),
        .library(name: "Training", targets: ["Training", "Collectives"]),
        .library(name: "MPICollectives", targets: ["MPICollectives", "Collectives"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    ],
    targets: [
        // System libraries: a module map and a shim, no logic.
        .systemLibrary(name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
        .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
        .systemLibrary(name: "CMatIO", providers: [.apt(["libmatio-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CSPNG", pkgConfig: "spng", providers: [.apt(["libspng-dev"])]),

        // Ours: loops that need the CPU's widest vectors.
        .target(name: "CVectors"),

        // Ours: signal handlers, which may not run Swift.
        .target(name: "CSignals"),

        // Ours: what happens between fork and exec, where no Swift may run.
        .target(name: "CProcesses"),

        .target(name: "Tensors"),
        .target(name: "Tracing"),
        .target(name: "Kernels", dependencies: ["Tensors", "Tracing", "CVectors", "COneDNN", "COpenBLAS"]),
        .target(name: "Models", dependencies: ["Kernels", "Tracing"]),
        .target(name: "Collectives"),
        .target(name: "MPICollectives", dependencies: ["Collectives", "CMPI"]),
        .target(name: "Watching", dependencies: ["Collectives", "Tracing", "CSignals"]),
        .target(name: "Safetensors"),
        .target(
            name: "TensorBoard",
            dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")]),
        .target(name: "Datasets", dependencies: ["Tensors", "Tracing", "CTurboJPEG", "CMatIO", "CSPNG", "CZlib"]),
        .target(
            name: "Training",
            dependencies: ["Models", "Datasets", "Collectives", "Safetensors", "Tracing"]),
        .target(name: "Explaining", dependencies: ["Models", "Datasets"]),
        .target(name: "Reporting", dependencies: ["Training", "Explaining", "TensorBoard"]),
        .target(
            name: "Exporting",
            dependencies: [
                "Models", "Datasets", "Training", "Safetensors", "Collectives",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            resources: [.embedInCode("PyTorch/aam_resnet.py"), .embedInCode("PyTorch/classify.py")]),
        .target(
            name: "HTMLReport",
            dependencies: ["Training", "Reporting", .product(name: "TOMLKit", package: "TOMLKit")],
            resources: [.embedInCode("Assets/report.css"), .embedInCode("Assets/report.js")]),
        .target(name: "Launching", dependencies: ["Collectives", "Watching", "Reporting", "CProcesses"]),
        .target(name: "Planning", dependencies: ["Collectives"]),
        .target(name: "Benchmarking", dependencies: ["Training", "Planning"]),
        .target(name: "Diagnosis", dependencies: ["Benchmarking", "MPICollectives", "Reporting"]),
        .executableTarget(
            name: "aam",
            dependencies: [
                "Training", "Explaining", "Reporting", "HTMLReport", "Exporting", "Benchmarking", "Planning",
                "Diagnosis", "MPICollectives", "Watching", "Launching",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ]),

        // What tests share, and a program that CollectivesTests run under mpirun.
        .target(name: "TestSupport", path: "Tests/Support"),
        .executableTarget(
            name: "mpi-selftest", dependencies: ["MPICollectives", "Tensors", "Watching"], path: "Tests/mpi-selftest"),

        // Feeds damaged files to the readers; FuzzTests run it for a moment.
        .executableTarget(name: "fuzz", dependencies: ["Datasets", "Safetensors", "Tensors"], path: "Tests/fuzz"),

        .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
        .testTarget(name: "TracingTests", dependencies: ["Tracing"]),
        .testTarget(name: "KernelsTests", dependencies: ["Kernels"]),
        .testTarget(name: "ModelsTests", dependencies: ["Models", "Collectives", "Safetensors", "Explaining"]),
        .testTarget(
            name: "CollectivesTests",
            dependencies: ["Collectives", "MPICollectives", "TestSupport", "mpi-selftest"]),
        .testTarget(name: "WatchingTests", dependencies: ["Watching", "Collectives", "Tracing"]),
        .testTarget(name: "LaunchingTests", dependencies: ["Launching"]),
        .testTarget(name: "SafetensorsTests", dependencies: ["Safetensors", "TestSupport"]),
        .testTarget(name: "TensorBoardTests", dependencies: ["TensorBoard"]),
        .testTarget(name: "DatasetsTests", dependencies: ["Datasets"]),
        .testTarget(name: "FuzzTests", dependencies: ["fuzz", "TestSupport"]),
        .testTarget(name: "TrainingTests", dependencies: ["Training"]),
        .testTarget(name: "ExplainingTests", dependencies: ["Explaining"]),
        .testTarget(name: "ReportingTests", dependencies: ["Reporting", "TensorBoard", "Explaining", "TestSupport"]),
        .testTarget(
            name: "ExportingTests",
            dependencies: ["Exporting", "Models", "Datasets", "Safetensors", "Tensors", "TestSupport"]),
        .testTarget(name: "HTMLReportTests", dependencies: ["HTMLReport", "TestSupport"]),
        .testTarget(name: "DiagnosisTests", dependencies: ["Diagnosis"]),
        .testTarget(name: "PlanningTests", dependencies: ["Planning"]),
        .testTarget(
            name: "CommandTests", dependencies: ["aam", "Training", "Models", "Safetensors", "Tensors", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
