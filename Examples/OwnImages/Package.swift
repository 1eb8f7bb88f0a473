// swift-tools-version:6.1
import PackageDescription

let package = Package(
    name: "OwnImages",
    dependencies: [.package(name: "aam", path: "../..")],
    targets: [
        .executableTarget(
            name: "OwnImages",
            dependencies: ["Models", "Datasets", "Training"].map { .product(name: $0, package: "aam") })
    ]
)
