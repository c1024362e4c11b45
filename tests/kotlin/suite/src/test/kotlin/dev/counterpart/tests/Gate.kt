package dev.counterpart.tests

import kotlinx.coroutines.channels.Channel
import java.io.InputStream
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.SocketException
import java.net.URI
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.concurrent.thread

/**
 * What stands where a hub stood that has stopped: it holds the calls of a function until a test says how each ends, and
 * breaks off whatever else comes.
 */
class Gate(
    hub: Hub,
    private val holding: String,
) : AutoCloseable {
    private val listener = ServerSocket()
    private val calls = Channel<HeldCall>(Channel.UNLIMITED)
    private val held = ConcurrentLinkedQueue<HeldCall>()

    init {
        listener.reuseAddress = true
        listener.bind(InetSocketAddress("127.0.0.1", URI(hub.server.url).port))
        thread(isDaemon = true) {
            try {
                while (true) listener.accept().let { thread(isDaemon = true) { hold(it) } }
            } catch (_: SocketException) {
                // It left.
            }
        }
    }

    private fun hold(caller: Socket) {
        val came = HeldCall(caller)
        held.add(came)
        val isWanted = came.request.startsWith("POST /rest/v1/rpc/$holding")
        // What it came too late for is broken off as well.
        if (isWanted && !listener.isClosed) calls.trySend(came) else came.breakOff()
    }

    /** The next call that is held. */
    suspend fun next(): HeldCall = calls.receive()

    /** Breaks off whatever it still holds, and makes room for the hub. */
    override fun close() {
        listener.close()
        held.forEach { it.breakOff() }
    }
}

/** A call whose caller waits. */
class HeldCall(
    private val caller: Socket,
) {
    /** What was sent, from the first line to the end of the body. */
    val request = whole(caller.getInputStream())

    /** Says in the hub's own words that it cannot be taken. */
    fun refuse(code: String) {
        val body = """{"code":"$code","message":"no","details":null,"hint":null}"""
        val head = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n"
        caller.getOutputStream().write("${head}Content-Length: ${body.length}\r\n\r\n$body".toByteArray())
        caller.close()
    }

    /** Leaves it without an answer. */
    fun breakOff() = caller.close()

    private fun whole(sent: InputStream): String {
        val head = StringBuilder()
        while (!head.endsWith("\r\n\r\n")) {
            val byte = sent.read()
            if (byte < 0) return head.toString()
            head.append(byte.toChar())
        }
        val length = Regex("content-length: *(\\d+)", RegexOption.IGNORE_CASE).find(head)?.groupValues?.get(1)?.toInt()
        return head.toString() + String(sent.readNBytes(length ?: 0))
    }
}
