import Foundation
import Testing

#if os(Linux)
private let stream = Int32(SOCK_STREAM.rawValue)
#else
private let stream = SOCK_STREAM
#endif

/// What stands where the hub stood: it holds the calls of a function until a test says how each ends, and breaks off
/// whatever else comes.
final class Gate: @unchecked Sendable {
    private let listener: Int32
    private let (calls, call) = AsyncStream.makeStream(of: HeldCall.self)
    private let lock = NSLock()
    private var held: [HeldCall] = []
    private var stands = true

    /// Takes the place of a hub that has stopped.
    init(inPlaceOf hub: Hub, holding function: String) throws {
        // Whoever has gone is told nothing, and nobody dies of it.
        signal(SIGPIPE, SIG_IGN)
        let port = try #require(URL(string: hub.server.url)?.port)
        listener = socket(AF_INET, stream, 0)
        var (again, address) = (Int32(1), sockaddr_in())
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &again, socklen_t(MemoryLayout<Int32>.size))
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let bound = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(bound == 0 && listen(listener, 16) == 0)
        Thread.detachNewThread { [self] in
            while case let caller = accept(listener, nil, nil), caller >= 0 {
                Thread.detachNewThread { [self] in
                    let came = HeldCall(caller)
                    if came.request.hasPrefix("POST /rest/v1/rpc/\(function)"), keeps(came) {
                        call.yield(came)
                    } else {
                        came.breakOff()
                    }
                }
            }
        }
    }

    private func keeps(_ came: HeldCall) -> Bool {
        lock.withLock {
            if stands { held.append(came) }
            return stands
        }
    }

    /// The next call that is held.
    func next() async throws -> HeldCall {
        for await call in calls { return call }
        throw Ended()
    }

    /// Breaks off whatever it still holds, and makes room for the hub.
    func leave() {
        let left = lock.withLock {
            stands = false
            return held
        }
        for call in left { call.breakOff() }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}

/// A call whose caller waits.
final class HeldCall: @unchecked Sendable {
    /// What was sent, from the first line to the end of the body.
    let request: String
    private let lock = NSLock()
    private var caller: Int32?

    fileprivate init(_ caller: Int32) {
        self.caller = caller
        let handle = FileHandle(fileDescriptor: caller, closeOnDealloc: false)
        var read = Data()
        while !HeldCall.isWhole(read), case let more = handle.availableData, !more.isEmpty { read += more }
        request = String(decoding: read, as: UTF8.self)
    }

    private static func isWhole(_ read: Data) -> Bool {
        guard let end = read.range(of: Data("\r\n\r\n".utf8)) else { return false }
        let lines = String(decoding: read[..<end.lowerBound], as: UTF8.self).lowercased().split(separator: "\r\n")
        let length = lines.first { $0.hasPrefix("content-length:") }?.split(separator: " ").last.flatMap { Int($0) }
        return read.distance(from: end.upperBound, to: read.endIndex) >= length ?? 0
    }

    /// Says in the hub's own words that it cannot be taken.
    func refuse(code: String) {
        let body = #"{"code":"\#(code)","message":"no","details":null,"hint":null}"#
        let head = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n"
        end(saying: Data("\(head)Content-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8))
    }

    /// Leaves it without an answer.
    func breakOff() {
        end(saying: Data())
    }

    private func end(saying answer: Data) {
        let last = lock.withLock {
            defer { caller = nil }
            return caller
        }
        guard let last else { return }
        // Whoever does not wait any more need not be told.
        try? FileHandle(fileDescriptor: last, closeOnDealloc: false).write(contentsOf: answer)
        shutdown(last, Int32(SHUT_RDWR))
        close(last)
    }
}
