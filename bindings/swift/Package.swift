// swift-tools-version: 6.0
// The repair shop's engine for Swift. `cargo xtask bindings swift` puts the generated code and the library in.
import PackageDescription

#if os(macOS)
// An XCFramework: device, simulator, Mac. A static library does not say what of the system it calls.
let engine: [Target] = [.binaryTarget(name: "CounterpartC", path: "native/CounterpartC.xcframework")]
let linker: [LinkerSetting] = [.linkedFramework("CoreFoundation"), .linkedFramework("Security")]
#else
let engine: [Target] = [.target(name: "CounterpartC")]
let linker: [LinkerSetting] = [.linkedLibrary("counterpart_ffi")]
#endif

let package = Package(
    name: "Counterpart",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [.library(name: "Counterpart", targets: ["Counterpart"])],
    targets: engine + [
        .target(name: "CounterpartIds"),
        // Generated: in language mode 6 the compiler does not take it.
        .target(
            name: "CounterpartFacade",
            dependencies: ["CounterpartC", "CounterpartIds"],
            swiftSettings: [.swiftLanguageMode(.v5)],
            linkerSettings: linker
        ),
        .target(name: "Counterpart", dependencies: ["CounterpartFacade", "CounterpartIds"]),
    ]
)
