// swift-tools-version: 6.0
// The app for iPad and iPhone, but for what only Xcode builds (App/). `cargo xtask words` writes what the screens say.
import PackageDescription

let engine: Target.Dependency = .product(name: "Counterpart", package: "swift")

let package = Package(
    name: "CounterpartApp",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [.library(name: "ShopApp", targets: ["ShopModel", "ShopUI", "ShopPlatform"])],
    dependencies: [.package(path: "../bindings/swift")],
    targets: [
        .target(name: "ShopModel", dependencies: [engine]),
        .target(name: "ShopUI", dependencies: ["ShopModel", engine]),
        .target(name: "ShopPlatform", dependencies: ["ShopModel", "ShopUI", engine]),
        .target(name: "ShopTrial", dependencies: ["ShopModel", engine], path: "Tests/ShopTrial"),
        .executableTarget(
            name: "SharedDay",
            dependencies: ["ShopModel", "ShopTrial", engine],
            path: "Tests/SharedDay"
        ),
        .testTarget(name: "ShopModelTests", dependencies: ["ShopModel", "ShopTrial", engine]),
    ],
    swiftLanguageModes: [.v6]
)
