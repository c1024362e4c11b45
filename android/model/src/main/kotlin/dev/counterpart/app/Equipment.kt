package dev.counterpart.app

import kotlinx.coroutines.flow.Flow

/** What a device has besides the engine, if it has it. What that takes is the platform's. */
class Equipment(
    val discovery: Discovery? = null,
    val codes: CodeReader? = null,
)

/** Looks for hubs in the network, for as long as somebody collects. The engine opens no such socket itself. */
fun interface Discovery {
    fun look(): Flow<Look>
}

/** A hub that makes itself known in the network; [root] is the fingerprint of its own root certificate, if it has one. */
data class FoundHub(
    val name: String,
    val url: String,
    val root: String?,
)

/** What a look into the shop's network came to. */
sealed interface Look {
    data class Found(
        val hubs: List<FoundHub>,
    ) : Look

    /** The person, or somebody for them, does not let this app look into the network. */
    data object Refused : Look

    /** The system could not look. */
    data object Failed : Look
}

/** Reads one code with the camera: a barcode, or what connects a new device. */
fun interface CodeReader {
    suspend fun read(): Code
}

/** What came of reading a code. */
sealed interface Code {
    data class Read(
        val text: String,
    ) : Code

    /** The camera is not allowed for this app. */
    data object Refused : Code

    /** There is no camera. */
    data object Missing : Code

    /** The person thought better of it. */
    data object Left : Code
}
