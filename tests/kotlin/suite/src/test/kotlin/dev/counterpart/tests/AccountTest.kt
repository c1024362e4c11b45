package dev.counterpart.tests

import dev.counterpart.ShopException
import dev.counterpart.blankCustomer
import dev.counterpart.code
import dev.counterpart.model.Trouble
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import java.time.Duration
import java.time.Instant

/** Who works here: signing up, the password, the shops of an account; and an inspector's bad network. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccountTest {
    private val hub = Hub()

    @AfterAll
    fun close() = hub.close()

    @Test
    fun `an invitation lets in once and then the password is the person's own`() =
        story {
            val invited = hub.invite("tess", "technician")
            val own = "a password of her own"
            Device.open().use { first ->
                val terminal = first.terminal
                val weak = failure { terminal.signUp(hub.server, invited.email, invited.password, "short") }
                assertEquals("too_weak", weak.code)
                assertEquals("password", (weak as ShopException.Invalid).field)
                val signedUp = terminal.signUp(hub.server, invited.email, invited.password, own)
                assertFalse(signedUp.mustChangePassword)
                terminal.network(true)
                signedUp.shop.sync()
                Device.open().use { second ->
                    val used = failure { second.terminal.signIn(hub.server, invited.email, invited.password) }
                    assertEquals("wrong_credentials", used.code)
                    terminal.changePassword(own, "another of her own")
                    signedUp.shop.createCustomer(blankCustomer().copy(lastName = "Still here"))
                    signedUp.shop.sync()
                    second.terminal.signIn(hub.server, invited.email, "another of her own").shop.close()
                }
                signedUp.shop.close()
            }
        }

    @Test
    fun `the account's shops are known by name without a network and who manages them has an overview`() =
        story {
            val bo = hub.invite("bo", "manager")
            Device.open().use { device ->
                val shop = device.signIn(hub, hub.owner).shop
                val overview = device.terminal.overview().single()
                assertEquals("Okafor Repairs", overview.name)
                assertEquals(0uL, overview.openConflicts)
                assertTrue(overview.members.any { it.email == bo.email && it.active })
                assertTrue(overview.devices.any { it.device == shop.device() })
                device.offline()
                assertEquals(listOf("Okafor Repairs"), device.terminal.knownShops().map { it.name })
            }
        }

    @Test
    fun `an inspector makes the network bad and well again`() =
        story {
            Device.open().use { device ->
                val shop = device.signIn(hub, hub.owner).shop
                device.terminal.simulate(Trouble.Lossy(100u, 7uL))
                assertEquals("needs_server", failure { shop.devices() }.code)
                device.terminal.simulate(Trouble.Unreachable)
                assertEquals("needs_server", failure { shop.devices() }.code)
                device.terminal.simulate(Trouble.Slow(Duration.ofMillis(1)))
                assertTrue(shop.devices().isNotEmpty())
                device.terminal.simulate(Trouble.None)
                val id = shop.createCustomer(blankCustomer().copy(lastName = "Purged"))
                shop.sync()
                device.terminal.purge()
                device.terminal.forceFullSync()
                shop.sync()
                assertEquals("Purged", shop.customer(id)?.lastName)
                val now = Instant.now()
                val before = shop.badges(now, now).open
                shop.makeUp(3u, 7uL)
                assertTrue(shop.badges(now, now).open >= before + 3u)
            }
        }
}
