package dev.counterpart.app

import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.flow
import java.net.Inet6Address
import java.net.InetAddress
import java.net.URI

/** What the system says while it looks into the network. */
sealed interface Heard<out S> {
    /** Something makes itself known; where it is has to be asked. */
    data class Came<S>(
        val service: S,
    ) : Heard<S>

    data class Went(
        val name: String,
    ) : Heard<Nothing>

    /** There is no looking. */
    data class Over(
        val look: Look,
    ) : Heard<Nothing>
}

/**
 * The hubs that are there, as they come and go. They are asked where they are one after the other: an older Android
 * refuses who asks for a second one meanwhile. One that does not say is left out.
 */
fun <S> looks(
    heard: Flow<Heard<S>>,
    resolve: suspend (S) -> FoundHub?,
): Flow<Look> =
    flow {
        val found = sortedMapOf<String, FoundHub>()
        heard.buffer(Channel.UNLIMITED).collect { word ->
            when (word) {
                is Heard.Came -> resolve(word.service)?.let { found[it.name] = it }
                is Heard.Went -> found.remove(word.name)
                is Heard.Over -> return@collect emit(word.look)
            }
            emit(Look.Found(found.values.toList()))
        }
    }

/** Where a hub is that makes itself known, as the engine takes it. One that does not say how is spoken to securely. */
fun announced(
    scheme: String?,
    host: String,
    port: Int,
): String {
    // An address may be written with the interface behind it.
    val plain = host.substringBefore('%')
    return "${scheme?.ifEmpty { null } ?: "https"}://${if (':' in plain) "[$plain]" else plain}:$port"
}

/** Whether this server stands in the shop's own network. Names are looked up: never on the thread that draws. */
fun isNearby(
    server: String,
    lookUp: (String) -> List<InetAddress> = { InetAddress.getAllByName(it).asList() },
): Boolean {
    val host = runCatching { URI(server.trim()).host }.getOrNull() ?: return false
    if (host.endsWith(".local")) return true
    val addresses = runCatching { lookUp(host) }.getOrDefault(emptyList())
    return addresses.isNotEmpty() && addresses.all { it.isSiteLocalAddress || it.isLinkLocalAddress || it.isUniqueLocal() }
}

/** IPv6 has private addresses of its own, which Java does not count among them: `fc00::/7`. */
private fun InetAddress.isUniqueLocal() = this is Inet6Address && address.first().toInt() and 0xfe == 0xfc
