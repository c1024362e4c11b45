package dev.counterpart.tests

import dev.counterpart.ServerAddress
import kotlinx.coroutines.channels.Channel
import java.io.InputStream
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.SocketException
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.concurrent.thread

/**
 * What stands where a hub stood that has stopped, or before one that serves: it holds the calls of some functions until a
 * test says how each ends. Whatever else comes is broken off, or passes to the hub.
 */
class Gate private constructor(
    wanted: Int,
    private val hub: Int?,
    private val functions: List<String>,
) : AutoCloseable {
    private val listener = ServerSocket()
    private val calls = Channel<HeldCall>(Channel.UNLIMITED)
    private val held = ConcurrentLinkedQueue<HeldCall>()

    init {
        listener.reuseAddress = true
        listener.bind(InetSocketAddress("127.0.0.1", wanted))
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
        val isWanted = functions.any { came.request.startsWith("POST /rest/v1/rpc/$it") }
        when {
            // It came too late.
            listener.isClosed -> came.breakOff()
            isWanted -> calls.trySend(came)
            else -> pass(came)
        }
    }

    /** Where the hub is, for whoever comes by the gate. */
    fun address(of: Hub) = ServerAddress("http://127.0.0.1:${listener.localPort}", of.server.anonKey)

    /** Gives a call to the hub, and the hub's answer to whoever called. */
    fun pass(call: HeldCall) = if (hub == null) call.breakOff() else call.passTo(hub)

    /** The next call that is held. */
    suspend fun next(): HeldCall = calls.receive()

    /** Breaks off whatever it still holds, and makes room for the hub. */
    override fun close() {
        listener.close()
        held.forEach { it.breakOff() }
    }

    companion object {
        /** Takes the place of a hub that has stopped. */
        fun inPlaceOf(
            hub: Hub,
            vararg functions: String,
        ) = Gate(hub.port, null, functions.asList())

        /** Stands before a hub. */
        fun before(
            hub: Hub,
            vararg functions: String,
        ) = Gate(0, hub.port, functions.asList())
    }
}

/** A call whose caller waits. */
class HeldCall(
    private val caller: Socket,
) {
    /** What was sent, from the first line to the end of the body, each byte as a letter. */
    val request = whole(caller.getInputStream())

    /** Says in the hub's own words that it cannot be taken. */
    fun refuse(code: String) {
        val body = """{"code":"$code","message":"no","details":null,"hint":null}"""
        val head = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n"
        caller.getOutputStream().write("${head}Content-Length: ${body.length}\r\n\r\n$body".toByteArray())
        caller.close()
    }

    internal fun passTo(port: Int) {
        thread(isDaemon = true) {
            try {
                Socket("127.0.0.1", port).use { hub ->
                    // It ends its answer with the connection.
                    val last = request.replaceFirst("\r\n", "\r\nConnection: close\r\n")
                    hub.getOutputStream().write(last.toByteArray(Charsets.ISO_8859_1))
                    hub.getInputStream().copyTo(caller.getOutputStream())
                }
            } catch (_: SocketException) {
                // Whoever does not wait any more need not be told.
            } finally {
                caller.close()
            }
        }
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
        return head.toString() + String(sent.readNBytes(length ?: 0), Charsets.ISO_8859_1)
    }
}
