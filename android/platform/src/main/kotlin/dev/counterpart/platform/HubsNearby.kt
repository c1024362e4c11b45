package dev.counterpart.platform

import android.content.Context
import android.net.nsd.NsdManager
import android.net.nsd.NsdServiceInfo
import android.os.Build
import dev.counterpart.app.Discovery
import dev.counterpart.app.FoundHub
import dev.counterpart.app.Heard
import dev.counterpart.app.Look
import dev.counterpart.app.announced
import dev.counterpart.app.isNearby
import dev.counterpart.app.looks
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.emitAll
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull

/** The shop's own network: newer systems ask the person before an app speaks to it. */
class LocalNetwork(
    private val context: Context,
) {
    /** Whether the app may; the person is asked if they were not yet. */
    suspend fun mayI() = Build.VERSION.SDK_INT < ASKS_FROM || context.mayI(PERMISSION)

    /** The same of a server, which may stand elsewhere. */
    suspend fun mayReach(server: String) = Build.VERSION.SDK_INT < ASKS_FROM || !withContext(Dispatchers.IO) { isNearby(server) } || mayI()

    private companion object {
        const val PERMISSION = "android.permission.ACCESS_LOCAL_NETWORK"

        /** Before, the permission does not exist: asking for it would be a refusal. */
        const val ASKS_FROM = 37
    }
}

/** The hubs on this network by the system's own means. A refusal is told from a look that did not come about. */
class HubsNearby(
    private val context: Context,
) : Discovery {
    private val nsd = context.getSystemService(NsdManager::class.java)

    override fun look(): Flow<Look> =
        flow {
            if (LocalNetwork(context).mayI()) emitAll(looks(heard(), ::resolve)) else emit(Look.Refused)
        }

    private fun heard(): Flow<Heard<NsdServiceInfo>> =
        callbackFlow {
            val looking =
                object : NsdManager.DiscoveryListener {
                    override fun onServiceFound(service: NsdServiceInfo) {
                        trySend(Heard.Came(service))
                    }

                    override fun onServiceLost(service: NsdServiceInfo) {
                        trySend(Heard.Went(service.serviceName))
                    }

                    override fun onStartDiscoveryFailed(
                        type: String,
                        code: Int,
                    ) {
                        trySend(Heard.Over(Look.Failed))
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
                trySend(Heard.Over(Look.Refused))
                close()
            }
            // What never started is not stopped: the system takes that for a mistake.
            awaitClose { runCatching { nsd.stopServiceDiscovery(looking) } }
        }

    /** Where it is. It may be gone again, and the system may never say: the list goes on without it. */
    private suspend fun resolve(service: NsdServiceInfo): FoundHub? {
        val resolving = Resolving()
        nsd.resolveService(service, resolving)
        return withTimeoutOrNull(LONGEST_MS) { resolving.found.await() }
    }

    private companion object {
        const val SERVICE = "_counterpart._tcp"
        const val LONGEST_MS = 10_000L
    }
}

private class Resolving : NsdManager.ResolveListener {
    val found = CompletableDeferred<FoundHub?>()

    override fun onServiceResolved(service: NsdServiceInfo) {
        val host = service.host?.hostAddress
        val text = { name: String -> service.attributes[name]?.let { String(it) }?.ifEmpty { null } }
        found.complete(host?.let { FoundHub(service.serviceName, announced(text("scheme"), it, service.port), text("root_sha256")) })
    }

    override fun onResolveFailed(
        service: NsdServiceInfo,
        code: Int,
    ) {
        found.complete(null)
    }
}
