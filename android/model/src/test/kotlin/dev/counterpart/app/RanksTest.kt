package dev.counterpart.app

import dev.counterpart.ShopException
import dev.counterpart.blankEmployee
import dev.counterpart.model.Role
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class RanksTest {
    private val roles = listOf(Role.FrontDesk, Role.Technician, Role.Manager, Role.Admin, Role.Owner)

    @Test
    fun `the roles that are offered are those that the engine lets somebody give`() =
        story {
            var compared = 0
            for (role in listOf("owner", "admin", "manager", "technician", "front_desk")) {
                alone(role) { desk ->
                    val offered = Ranks.below(desk.who)
                    for (theirs in roles) {
                        assertEquals(gives(desk, theirs), theirs in offered, "$role gives $theirs")
                        compared += 1
                    }
                }
            }
            assertEquals(5 * roles.size, compared)
        }

    @Test
    fun `somebody else's PIN is offered to whom the engine lets set it`() =
        story {
            for (role in listOf("owner", "admin", "manager", "technician")) {
                alone(role) { desk ->
                    val allowed =
                        runCatching {
                            val tess = desk.shop.createEmployee(blankEmployee().copy(firstName = "Tess", role = Role.Technician, active = true))
                            desk.shop.setPin(tess, "2580")
                        }
                    assertEquals(allowed.isSuccess, Ranks.setsPins(desk.who), role)
                }
            }
        }

    private suspend fun gives(
        desk: Desk,
        role: Role,
    ): Boolean =
        try {
            desk.shop.createEmployee(blankEmployee().copy(firstName = "Nia", role = role, active = true))
            true
        } catch (_: ShopException.Denied) {
            false
        }
}
