package dev.counterpart.app

import dev.counterpart.ServerAddress
import dev.counterpart.model.Account
import dev.counterpart.model.Unsent
import dev.counterpart.trial.Device
import dev.counterpart.trial.Hub
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.flow.onCompletion
import kotlinx.coroutines.flow.single
import kotlinx.coroutines.flow.toList
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.net.InetAddress
import java.net.UnknownHostException

/** How a server is found: in the network, by its code, by typing. */
class ConnectTest {
    private val code = "counterpart://hub?url=https://192.0.2.7:8443&root_sha256=abab&anon_key=a+b"
    private val hub = FoundHub("Okafor Repairs", "https://192.0.2.7:8443", "abab")

    private suspend fun signingIn(body: suspend (Session) -> Unit) {
        val device = Device.open()
        Session(device.terminal).use { session ->
            session.until { !it.opening }
            body(session)
        }
        device.close()
    }

    @Test
    fun `a hub's code says where it is and by what it is believed`() {
        assertEquals(ServerAddress("https://192.0.2.7:8443", "a+b", "abab"), Pairing.of(code))
        assertEquals(ServerAddress("http://h", "k", null), Pairing.of(" counterpart://hub?url=http%3A%2F%2Fh&anon_key=k "))
        for (other in listOf("", "https://192.0.2.7:8443", "counterpart://hub?url=http://h", "counterpart://shop?url=http://h&anon_key=k")) {
            assertNull(Pairing.of(other), other)
        }
    }

    @Test
    fun `a code in the place of the address fills the form, and another address is believed by nothing of it`() =
        story {
            signingIn { session ->
                session.fill(SignInForm(server = code, email = "ada@shop.example"))
                val paired = session.state.value.form
                assertEquals(listOf("https://192.0.2.7:8443", "a+b", "abab"), listOf(paired.server, paired.key, paired.root))
                session.fill(paired.copy(email = "ada@shop.example"))
                assertEquals("abab", session.state.value.form.root)
                session.fill(paired.copy(server = "https://other.example"))
                assertNull(session.state.value.form.root)
            }
        }

    @Test
    fun `a hub that was found is taken over with what it is believed by, and nobody looks on after the screen`() =
        story {
            signingIn { session ->
                val (looks, ended) = MutableSharedFlow<Look>(replay = 1) to CompletableDeferred<Unit>()
                ConnectHub(Equipment(discovery = { looks.onCompletion { ended.complete(Unit) } }), session).use { connect ->
                    assertEquals(ConnectState(canLook = true), connect.state.value, "nobody looks before somebody asks")
                    connect.look()
                    assertEquals(Look.Found(emptyList()), connect.until { it.look != null }.look)
                    looks.emit(Look.Found(listOf(hub)))
                    connect.until { it.look == Look.Found(listOf(hub)) }
                    connect.choose(hub)
                    assertEquals(hub.url to hub.root, session.state.value.form.server to session.state.value.form.root)
                }
                ended.await()
            }
        }

    @Test
    fun `a refusal is said, and one can look again`() =
        story {
            signingIn { session ->
                var refuses: Look = Look.Refused
                ConnectHub(Equipment(discovery = { flowOf(refuses) }), session).use { connect ->
                    for (refusal in listOf(Look.Refused, Look.Failed)) {
                        refuses = refusal
                        // The look before may not have come to its end yet.
                        while (connect.state.value.look != refusal) {
                            connect.look()
                            kotlinx.coroutines.yield()
                        }
                    }
                }
            }
        }

    @Test
    fun `hubs are asked where they are one after the other, and one that does not say is left out`() =
        story {
            val asked = mutableListOf<String>()
            var answering = 0
            val (north, south) = FoundHub("North", "https://192.0.2.1", null) to FoundHub("South", "https://192.0.2.2", null)
            val heard = flowOf(Heard.Came("South"), Heard.Came("Silent"), Heard.Came("North"), Heard.Went("South"))
            val shown =
                looks(heard) { name ->
                    assertEquals(1, ++answering, "one at a time")
                    asked += name
                    kotlinx.coroutines.yield()
                    answering -= 1
                    listOf(north, south).find { it.name == name }
                }.toList()
            assertEquals(listOf("South", "Silent", "North"), asked)
            assertEquals(listOf(listOf(south), listOf(south), listOf(north, south), listOf(north)).map(Look::Found), shown)
            assertEquals(Look.Refused, looks(flowOf(Heard.Over(Look.Refused))) { null }.single())
        }

    @Test
    fun `a hub that does not say how is spoken to securely`() {
        assertEquals("https://192.0.2.7:8443", announced(null, "192.0.2.7", 8443))
        assertEquals("http://192.0.2.7:80", announced("http", "192.0.2.7", 80))
        assertEquals("https://[fe80::1]:1", announced("", "fe80::1%wlan0", 1))
    }

    @Test
    fun `a server in the shop's own network is told from one on the internet`() {
        val named = mapOf("tablet" to listOf("192.168.1.7"), "both" to listOf("10.0.0.2", "198.51.100.2"))
        val lookUp = { host: String -> (named[host] ?: listOf(host)).map(InetAddress::getByName) }
        for (near in listOf("https://hub.local:8443", " http://192.168.1.5 ", "https://[fd12::7]:1", "https://[fe80::7]", "http://tablet")) {
            assertTrue(isNearby(near, lookUp), near)
        }
        for (far in listOf("https://198.51.100.7", "https://[2001:db8::1]", "http://both", "no address", "")) {
            assertFalse(isNearby(far, lookUp), far)
        }
        assertFalse(isNearby("https://gone.example") { throw UnknownHostException() })
    }

    @Test
    fun `a link that opens the app fills the form once it is open, and a server is asked for before it is spoken to`() =
        story {
            val device = Device.open()
            val reached = CompletableDeferred<String>()
            Session(device.terminal, mayReach = { reached.complete(it) }).use { session ->
                session.arrive(code)
                assertEquals("https://192.0.2.7:8443" to "abab", session.until { it.form.server.isNotEmpty() }.form.let { it.server to it.root })
                session.fill(session.state.value.form.copy(email = "ada@shop.example", password = "none"))
                session.signIn()
                assertEquals("https://192.0.2.7:8443", reached.await())
            }
            device.close()
        }

    @Test
    fun `a server that does not answer is told from a network that the system keeps from the app`() =
        story {
            for ((may, code) in listOf(true to "needs_server", false to "local_network")) {
                val device = Device.open()
                Session(device.terminal, mayReach = { may }).use { session ->
                    session.until { !it.opening }
                    // Nothing listens there.
                    session.fill(SignInForm(" http://127.0.0.1:9 ", "key", "ada@shop.example", "none"))
                    session.signIn()
                    val form = session.until { it.problem != null }.form
                    assertEquals(Problem(code) to false, form.problem to form.busy)
                }
                device.close()
            }
        }

    @Test
    fun `who is signed in stays where they are, whatever link arrives`() =
        story {
            val device = Device.open()
            device.terminal.enter(Account("lee", "owner", false, null), "north")
            Session(device.terminal).use { session ->
                session.arrive(code)
                session.until { it.desk != null }
                session.arrive(code)
                session.signOut(Unsent.Discard)
                assertEquals("", session.until { !it.opening && it.desk == null }.form.server)
            }
            device.close()
        }

    @Test
    fun `the camera pairs with a hub's code and says what else it came to`() =
        story {
            signingIn { session ->
                var reads: Code = Code.Refused
                ConnectHub(Equipment(codes = { reads }), session).use { connect ->
                    for (trouble in listOf(Code.Refused, Code.Missing, Code.Read("4006381333931"))) {
                        reads = trouble
                        connect.scan()
                        connect.until { it.code == trouble }
                    }
                    reads = Code.Left
                    connect.scan()
                    connect.until { it.code == null }
                    reads = Code.Read(code)
                    connect.scan()
                    session.until { it.form.root == "abab" }
                }
            }
        }

    @Test
    fun `what was paired signs in`() =
        story {
            Hub().use { hub ->
                val person = Person(Device.open())
                person.session.until { !it.opening }
                person.session.pair("counterpart://hub?url=${hub.server.url}&root_sha256=&anon_key=${hub.server.anonKey}")
                person.device.network.isUp = true
                val form = person.session.state.value.form
                person.session.fill(form.copy(email = hub.owner.email, password = hub.owner.password))
                person.session.signIn()
                assertEquals("owner", person.session.until { it.desk != null || it.problem != null }.desk?.who?.role)
                person.leave()
            }
        }

    @Test
    fun `the camera finds a part by its barcode, and says why it could not`() =
        story {
            alone { desk ->
                val opened = CompletableDeferred<String>()
                val made = desk.shop.createItem(ItemForm("Charging port", barcode = "4006381333931").on(dev.counterpart.blankItem(), "EUR"))
                var reads: Code = Code.Refused
                Inventory(desk, { reads }) { opened.complete(it) }.use { shelf ->
                    shelf.scan()
                    shelf.until { it.code == Code.Refused }
                    reads = Code.Read("4006381333931")
                    shelf.scan()
                    assertEquals(made.value, opened.await())
                    assertNull(shelf.state.value.code)
                }
            }
        }
}
