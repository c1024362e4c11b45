// swift-tools-version: 6.0
// The Swift package against a live hub. `cargo xtask test swift` says where the hub's program is.
import PackageDescription

let package = Package(
    name: "CounterpartSuite",
    platforms: [.macOS(.v14)],
    dependencies: [.package(path: "../../../bindings/swift")],
    targets: [
        .executableTarget(name: "Bench", dependencies: [.product(name: "Counterpart", package: "swift")]),
        .executableTarget(name: "Peer", dependencies: [.product(name: "Counterpart", package: "swift")]),
        .testTarget(
            name: "CounterpartTests",
            dependencies: [.product(name: "Counterpart", package: "swift")]
        ),
    ]
)
