import Counterpart
import Foundation
import Testing

@testable import ShopModel

@MainActor
@Suite(.timeLimit(.minutes(2)))
struct MarksTests {
    /// Time that passes when the test says so.
    final class Still: Time {
        let (passed, tell) = AsyncStream<Void>.makeStream()
        let (asked, ask) = AsyncStream<Void>.makeStream()
        @MainActor private(set) var waits = 0

        func now() -> Date { Date(timeIntervalSince1970: 0) }

        func wait(_ milliseconds: Int) async throws {
            #expect(milliseconds == failureShownAfter)
            await MainActor.run { waits += 1 }
            ask.finish()
            for await _ in passed {}
            try Task.checkCancellation()
        }
    }

    private let time = Still()
    private let changes = AsyncStream<Mark?>.makeStream()
    private let late: LateFailure

    init() {
        let change = changes.continuation
        late = LateFailure(time) { change.yield($0["t"]) }
    }

    private func tell(_ status: Status) {
        late.tell(["t": Mark(status)])
    }

    @Test("A failure that a retry mends in time is never shown")
    func mended() async {
        tell(.failed)
        for await _ in time.asked {}
        #expect(late.marks["t"]?.status == .syncing)
        tell(.synced)
        time.tell.finish()
        tell(.pending)
        changes.continuation.finish()
        var shown: [Status?] = []
        for await mark in changes.stream { shown.append(mark?.status) }
        #expect(shown == [.syncing, .synced, .pending])
    }

    @Test("A failure is shown in time however often it is told")
    func toldOften() async {
        for _ in 1...3 { tell(.failed) }
        for await _ in time.asked {}
        time.tell.finish()
        for await mark in changes.stream where mark?.status == .failed { break }
        #expect(time.waits == 1)
    }

    @Test("A failure that stays is shown, and once shown it does not blink")
    func stays() async {
        tell(.failed)
        tell(.failed)
        time.tell.finish()
        for await mark in changes.stream where mark?.status == .failed { break }
        tell(.failed)
        #expect(late.marks["t"]?.status == .failed)
    }
}
