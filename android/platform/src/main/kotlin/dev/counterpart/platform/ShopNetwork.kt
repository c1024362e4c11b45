package dev.counterpart.platform

import android.content.Context
import android.net.ConnectivityManager
import android.net.Network
import android.net.NetworkCapabilities
import android.net.NetworkRequest
import dev.counterpart.app.SessionState
import dev.counterpart.app.isNearby
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.filterNot
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.withContext

/**
 * Keeps the process on the Wi-Fi while its server is a hub of the shop's own: without that, sockets leave by mobile data
 * as soon as the system finds that the Wi-Fi has no internet.
 */
class ShopNetwork(
    context: Context,
) : AutoCloseable {
    private val connectivity = context.applicationContext.getSystemService(ConnectivityManager::class.java)
    private var holding: ConnectivityManager.NetworkCallback? = null

    /** Where the server was at the last sign-in: a session that opens again is not told. */
    private val kept = context.getSharedPreferences("server", Context.MODE_PRIVATE)

    /** Goes along with the app's session, from sign-in to sign-out. */
    suspend fun follow(session: Flow<SessionState>) {
        session
            .filterNot { it.opening }
            .map { shown -> shown.desk?.let { shown.form.server.trim().ifEmpty { kept.getString(URL, null) } } }
            .distinctUntilChanged()
            .collect { url ->
                kept.edit().putString(URL, url).apply()
                withContext(Dispatchers.IO) { if (url == null) close() else serverIs(url) }
            }
    }

    /** The server's address, whenever it changes. Must not be called on the thread that draws: it looks names up. */
    @Synchronized
    fun serverIs(url: String) {
        close()
        if (!isNearby(url)) return
        val wifi =
            NetworkRequest
                .Builder()
                .addTransportType(NetworkCapabilities.TRANSPORT_WIFI)
                .removeCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
                .build()
        val hold = Holding(connectivity)
        connectivity.requestNetwork(wifi, hold)
        holding = hold
    }

    @Synchronized
    override fun close() {
        holding?.let(connectivity::unregisterNetworkCallback)
        holding = null
        connectivity.bindProcessToNetwork(null)
    }

    private companion object {
        const val URL = "url"
    }
}

private class Holding(
    private val connectivity: ConnectivityManager,
) : ConnectivityManager.NetworkCallback() {
    override fun onAvailable(network: Network) {
        connectivity.bindProcessToNetwork(network)
    }

    override fun onLost(network: Network) {
        connectivity.bindProcessToNetwork(null)
    }
}
