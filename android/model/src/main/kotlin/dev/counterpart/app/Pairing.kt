package dev.counterpart.app

import dev.counterpart.ServerAddress
import java.net.URLDecoder

/** What a hub's QR code says: where it is, the key of every device, and by what its certificate is believed. */
object Pairing {
    private const val LINK = "counterpart://hub?"

    /** From the code's link; nothing where it is another one. */
    fun of(link: String): ServerAddress? {
        val query = link.trim().takeIf { it.startsWith(LINK) }?.removePrefix(LINK) ?: return null
        val named = query.split('&').filter { '=' in it }.associate { it.substringBefore('=') to plain(it.substringAfter('=')) }
        val url = named["url"]?.ifEmpty { null } ?: return null
        val key = named["anon_key"]?.ifEmpty { null } ?: return null
        return ServerAddress(url, key, named["root_sha256"]?.ifEmpty { null })
    }

    /** A plus is a plus here. */
    private fun plain(written: String) =
        runCatching { URLDecoder.decode(written.replace("+", "%2B"), "UTF-8") }.getOrDefault(written)
}
