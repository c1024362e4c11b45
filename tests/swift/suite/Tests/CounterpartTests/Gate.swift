import Counterpart
import Foundation
import Testing

#if os(Linux)
private let stream = Int32(SOCK_STREAM.rawValue)
#else
private let stream = SOCK_STREAM
#endif

/// Calls what wants an address of this machine's, and says what became of the address.
private func loopback(
    _ port: UInt16,
    _ call: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Int32
) -> (result: Int32, port: UInt16, size: socklen_t) {
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafeMutablePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, size) }
    }
    return (result, UInt16(bigEndian: address.sin_port), size)
}

/// What stands where a hub stood that has stopped, or before one that serves: it holds the calls of some functions until
/// a test says how each ends. Whatever else comes is broken off, or passes to the hub.
final class Gate: @unchecked Sendable {
    private let listener: Int32
    private let hub: UInt16?
    private let port: UInt16
    private let (calls, call) = AsyncStream.makeStream(of: HeldCall.self)
    private let lock = NSLock()
    private var held: [HeldCall] = []
    private var stands = true

    /// Takes the place of a hub that has stopped.
    convenience init(inPlaceOf hub: Hub, holding functions: [String]) throws {
        try self.init(try hub.port, before: nil, functions)
    }

    /// Stands before a hub.
    convenience init(before hub: Hub, holding functions: [String]) throws {
        try self.init(0, before: try hub.port, functions)
    }

    private init(_ wanted: UInt16, before hub: UInt16?, _ functions: [String]) throws {
        // Whoever has gone is told nothing, and nobody dies of it.
        signal(SIGPIPE, SIG_IGN)
        let listener = socket(AF_INET, stream, 0)
        var again = Int32(1)
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &again, socklen_t(MemoryLayout<Int32>.size))
        let bound = loopback(wanted) { bind(listener, $0, $1) }
        try #require(bound.result == 0 && listen(listener, 16) == 0)
        var size = bound.size
        (self.listener, self.hub) = (listener, hub)
        port = loopback(wanted) { address, _ in getsockname(listener, address, &size) }.port
        Thread.detachNewThread { [self] in
            while case let caller = accept(listener, nil, nil), caller >= 0 {
                Thread.detachNewThread { [self] in
                    let came = HeldCall(caller)
                    let isWanted = functions.contains { came.request.hasPrefix("POST /rest/v1/rpc/\($0)") }
                    if isWanted, keeps(came) {
                        call.yield(came)
                    } else {
                        pass(came)
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

    /// Where the hub is, for whoever comes by the gate.
    func address(of hub: Hub) -> ServerAddress {
        ServerAddress(url: "http://127.0.0.1:\(port)", anonKey: hub.server.anonKey)
    }

    /// Gives a call to the hub, and the hub's answer to whoever called.
    func pass(_ call: HeldCall) {
        if let hub { call.pass(to: hub) } else { call.breakOff() }
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
    private let bytes: Data
    private let lock = NSLock()
    private var caller: Int32?

    fileprivate init(_ caller: Int32) {
        self.caller = caller
        let handle = FileHandle(fileDescriptor: caller, closeOnDealloc: false)
        var read = Data()
        while !HeldCall.isWhole(read), case let more = handle.availableData, !more.isEmpty { read += more }
        (bytes, request) = (read, String(decoding: read, as: UTF8.self))
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

    fileprivate func pass(to port: UInt16) {
        Thread.detachNewThread { [self] in
            let hub = socket(AF_INET, stream, 0)
            let handle = FileHandle(fileDescriptor: hub, closeOnDealloc: true)
            guard loopback(port, { connect(hub, $0, $1) }).result == 0, let line = bytes.range(of: Data("\r\n".utf8))
            else { return breakOff() }
            // It ends its answer with the connection.
            let last = bytes[..<line.upperBound] + Data("Connection: close\r\n".utf8) + bytes[line.upperBound...]
            do {
                try handle.write(contentsOf: last)
                end(saying: try handle.readToEnd() ?? Data())
            } catch {
                breakOff()
            }
        }
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
