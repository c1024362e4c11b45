package dev.counterpart.app

import dev.counterpart.RecordKind

/** How good the network is, on purpose. */
enum class Network { WELL, SLOW, LOSSY }

/** What a library that is not shipped lets an inspector do beyond looking. */
interface Inspector {
    suspend fun simulate(network: Network)

    /** Empties the open shop's file of what the server has, and fetches it anew; refused while operations have no outcome. */
    suspend fun purge()

    /** Fetches everything anew; what is here stays until it has come. */
    suspend fun forceFullSync()

    /** Sets a field to a value in JSON, as another device of this account would that has not seen this one's work. */
    suspend fun editElsewhere(
        kind: RecordKind,
        id: String,
        field: String,
        value: String,
    )
}
