package dev.counterpart.platform

import android.content.Context
import android.net.nsd.NsdManager
import android.net.nsd.NsdServiceInfo
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow

/** A hub that makes itself known on the network; [root] is the fingerprint of its own root certificate, if it has one. */
data class HubNearby(
    val name: String,
    val url: String,
    val root: String?,
)

/** The system does not let the app look: it says so, and the address can be typed. */
class LookingRefused(
    val code: Int,
) : Exception()

/** The hubs on this network, for as long as somebody collects. The engine opens no such socket itself. */
fun hubsNearby(context: Context): Flow<List<HubNearby>> =
    callbackFlow {
        val nsd = context.getSystemService(NsdManager::class.java)
        val found = sortedMapOf<String, HubNearby>()
        val looking =
            object : NsdManager.DiscoveryListener {
                override fun onServiceFound(service: NsdServiceInfo) =
                    nsd.resolveService(service, resolving { hub ->
                        found[hub.name] = hub
                        trySend(found.values.toList())
                    })

                override fun onServiceLost(service: NsdServiceInfo) {
                    found.remove(service.serviceName)
                    trySend(found.values.toList())
                }

                override fun onStartDiscoveryFailed(
                    type: String,
                    code: Int,
                ) {
                    close(LookingRefused(code))
                }

                override fun onStopDiscoveryFailed(
                    type: String,
                    code: Int,
                ) = Unit

                override fun onDiscoveryStarted(type: String) = Unit

                override fun onDiscoveryStopped(type: String) = Unit
            }
        nsd.discoverServices(SERVICE, NsdManager.PROTOCOL_DNS_SD, looking)
        awaitClose { nsd.stopServiceDiscovery(looking) }
    }

private const val SERVICE = "_counterpart._tcp"

private fun resolving(known: (HubNearby) -> Unit) =
    object : NsdManager.ResolveListener {
        override fun onServiceResolved(service: NsdServiceInfo) {
            val host = service.host?.hostAddress ?: return
            val address = if (':' in host) "[$host]" else host
            val text = { name: String -> service.attributes[name]?.let { String(it) }?.ifEmpty { null } }
            known(HubNearby(service.serviceName, "${text("scheme") ?: "https"}://$address:${service.port}", text("root_sha256")))
        }

        // It may be gone again: the list goes on without it.
        override fun onResolveFailed(
            service: NsdServiceInfo,
            code: Int,
        ) = Unit
    }
