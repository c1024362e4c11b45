package dev.counterpart.android

import android.content.Context
import android.net.ConnectivityManager
import android.net.Network
import android.net.NetworkCapabilities
import android.net.NetworkRequest
import dev.counterpart.NetworkListener
import dev.counterpart.Reachability

/**
 * Tells the engine of the network as the system sees it. A network counts also where it does not lead to the internet,
 * and before the system has tried whether it does: a shop's hub may stand beside the device.
 */
class ConnectivityReachability(
    context: Context,
) : Reachability {
    private val connectivity = context.applicationContext.getSystemService(ConnectivityManager::class.java)
    private var telling: Telling? = null

    @Synchronized
    override fun start(listener: NetworkListener) {
        stop()
        // The system tells of the networks that are there, and of none if there is none.
        listener.networkChanged(false)
        val any =
            NetworkRequest
                .Builder()
                .removeCapability(NetworkCapabilities.NET_CAPABILITY_NOT_VPN)
                .removeCapability(NetworkCapabilities.NET_CAPABILITY_TRUSTED)
                .build()
        val new = Telling(listener)
        connectivity.registerNetworkCallback(any, new)
        telling = new
    }

    @Synchronized
    override fun stop() {
        telling?.let(connectivity::unregisterNetworkCallback)
        telling = null
    }
}

private class Telling(
    private val listener: NetworkListener,
) : ConnectivityManager.NetworkCallback() {
    // The system calls one after the other.
    private val there = mutableSetOf<Network>()

    override fun onAvailable(network: Network) {
        there.add(network)
        // Also where another was there before: what changed may have broken every connection.
        listener.networkChanged(true)
    }

    override fun onLost(network: Network) {
        there.remove(network)
        listener.networkChanged(there.isNotEmpty())
    }
}
