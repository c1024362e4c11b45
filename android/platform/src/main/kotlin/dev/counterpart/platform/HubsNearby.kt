package dev.counterpart.platform

import android.content.Context
import android.net.nsd.NsdManager
import android.net.nsd.NsdServiceInfo
import android.os.Build
import dev.counterpart.app.Discovery
import dev.counterpart.app.FoundHub
import dev.counterpart.app.Look
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.emitAll
import kotlinx.coroutines.flow.flow

/** The hubs on this network by the system's own means. A refusal is told from a look that did not come about. */
class HubsNearby(
    private val context: Context,
) : Discovery {
    override fun look(): Flow<Look> =
        flow {
            if (mayLook()) emitAll(looks(context)) else emit(Look.Refused)
        }

    private suspend fun mayLook() = Build.VERSION.SDK_INT < ASKS_FROM || context.mayI(LOCAL_NETWORK)

    private companion object {
        const val LOCAL_NETWORK = "android.permission.ACCESS_LOCAL_NETWORK"

        /** Before, the permission does not exist: asking for it would be a refusal. */
        const val ASKS_FROM = 37
    }
}

private fun looks(context: Context): Flow<Look> =
    callbackFlow {
        val nsd = context.getSystemService(NsdManager::class.java)
        val found = sortedMapOf<String, FoundHub>()
        val looking =
            object : NsdManager.DiscoveryListener {
                override fun onServiceFound(service: NsdServiceInfo) =
                    nsd.resolveService(service, resolving { hub ->
                        found[hub.name] = hub
                        trySend(Look.Found(found.values.toList()))
                    })

                override fun onServiceLost(service: NsdServiceInfo) {
                    found.remove(service.serviceName)
                    trySend(Look.Found(found.values.toList()))
                }

                override fun onStartDiscoveryFailed(
                    type: String,
                    code: Int,
                ) {
                    trySend(Look.Failed)
                    close()
                }

                override fun onStopDiscoveryFailed(
                    type: String,
                    code: Int,
                ) = Unit

                override fun onDiscoveryStarted(type: String) = Unit

                override fun onDiscoveryStopped(type: String) = Unit
            }
        try {
            nsd.discoverServices(SERVICE, NsdManager.PROTOCOL_DNS_SD, looking)
        } catch (_: SecurityException) {
            trySend(Look.Refused)
            close()
        }
        // What never started is not stopped: the system takes that for a mistake.
        awaitClose { runCatching { nsd.stopServiceDiscovery(looking) } }
    }

private const val SERVICE = "_counterpart._tcp"

private fun resolving(known: (FoundHub) -> Unit) =
    object : NsdManager.ResolveListener {
        override fun onServiceResolved(service: NsdServiceInfo) {
            val host = service.host?.hostAddress ?: return
            val address = if (':' in host) "[$host]" else host
            val text = { name: String -> service.attributes[name]?.let { String(it) }?.ifEmpty { null } }
            known(FoundHub(service.serviceName, "${text("scheme") ?: "https"}://$address:${service.port}", text("root_sha256")))
        }

        // It may be gone again: the list goes on without it.
        override fun onResolveFailed(
            service: NsdServiceInfo,
            code: Int,
        ) = Unit
    }
