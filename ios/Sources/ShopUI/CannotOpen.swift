#if canImport(SwiftUI)
import ShopModel
import SwiftUI

/// The device's folder cannot be opened: why, and trying again.
public struct CannotOpen: View {
    private let problem: Problem
    private let retry: @MainActor () -> Void
    @Environment(\.words) private var words

    public init(problem: Problem, retry: @escaping @MainActor () -> Void) {
        self.problem = problem
        self.retry = retry
    }

    public var body: some View {
        VStack(spacing: 16) {
            ContentUnavailableView(words.of(problem), systemImage: "exclamationmark.triangle")
            Button(words.actionRetry, action: retry).buttonStyle(.borderedProminent)
        }
        .spoken()
    }
}

struct CannotOpen_Previews: PreviewProvider {
    static var previews: some View {
        ForEach(["device_locked", "damaged", "newer_file"], id: \.self) { code in
            CannotOpen(problem: Problem(code)) {}.previewDisplayName(code)
        }
    }
}
#endif
