package dev.counterpart.trial

import dev.counterpart.ServerAddress
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/** Somebody's account. */
data class Account(
    val email: String,
    val password: String,
)

/** The `counterpart-hub` program in a process of its own, over a folder of its own. Both end with the value. */
class Hub(
    private val program: String = System.getProperty("counterpart.hub") ?: error("-Dcounterpart.hub says where the hub is"),
    shop: String = "Okafor Repairs",
    owner: String = "Ada Okafor",
) : AutoCloseable {
    private val folder: Path = Files.createTempDirectory("hub")
    private var serving: Process? = null
    private var listen = "127.0.0.1:0"

    val owner: Account
    val server: ServerAddress

    init {
        val made = once("init", "--shop-name", shop, "--name", owner)
        this.owner = Account(made.word("email"), made.word("password"))
        server = ServerAddress(serve(), made.word("anon_key"))
    }

    /** Gives somebody an account, or a shared tablet. */
    fun invite(
        name: String,
        role: String,
        vararg more: String,
    ): Account {
        val address = "${name.lowercase().filter { it in 'a'..'z' }}@shop.example"
        val made = once("invite", "--email", address, "--name", name, "--role", role, *more)
        return Account(made.word("email"), made.word("password"))
    }

    /** Serves, the second time where it served before. */
    fun serve(): String {
        val process = start("serve", "--listen", listen)
        val url = process.inputReader().readLine()?.word("url") ?: error("the hub does not serve: ${log()}")
        serving = process
        listen = url.removePrefix("http://")
        return url
    }

    /** Stops, as a power cut would look from outside. */
    fun stop() {
        serving?.destroy()
        serving?.waitFor(10, TimeUnit.SECONDS)
        serving = null
    }

    override fun close() {
        stop()
        folder.toFile().deleteRecursively()
    }

    private fun once(
        command: String,
        vararg arguments: String,
    ): String {
        val process = start(command, *arguments)
        val line = process.inputReader().readLine()
        check(process.waitFor() == 0) { log() }
        return line
    }

    private fun start(
        command: String,
        vararg arguments: String,
    ): Process =
        ProcessBuilder(program, command, "--data", folder.resolve("data").toString(), "--json", *arguments)
            .redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
            .start()

    private fun log() = folder.resolve("log").toFile().let { if (it.exists()) it.readText() else "" }
}

/** The word of a name in a line of JSON whose names are all different. */
private fun String.word(name: String): String =
    Regex("\"$name\":\"([^\"]*)\"").find(this)?.groupValues?.get(1) ?: error("no $name in $this")
