package dev.counterpart.app

import dev.counterpart.ShopException
import dev.counterpart.ids.EmployeeId
import dev.counterpart.model.EmployeeRow
import dev.counterpart.model.Role

/** What a shared tablet shows to whoever comes to it. */
data class AtWorkState(
    val people: List<EmployeeRow> = emptyList(),
    /** Who says that it is them. */
    val chosen: EmployeeRow? = null,
    val pin: String = "",
    val busy: Boolean = false,
    /** For how long no PIN is taken any more. */
    val lockedSeconds: Long? = null,
    val somebody: Boolean = false,
    val problem: Problem? = null,
)

/** What a person can do there. */
interface AtWorkActions {
    fun choose(person: EmployeeRow?)

    fun press(digit: Char)

    fun rubOut()

    fun enter()

    fun leave()

    fun dismiss()
}

/** People switch by PIN at a shared tablet. A PIN is kept nowhere; [changed] hears that somebody else works here now. */
class AtWork(
    desk: Desk,
    private val changed: suspend () -> Unit,
) : ScreenModel<AtWorkState>(AtWorkState(somebody = desk.who.actor != null)),
    AtWorkActions {
    private val shop = desk.shop

    init {
        follow {
            shop.changes().collect {
                val people = shop.employees().filter { it.active }
                // Who leads works here as what the tablet may at most.
                show { copy(people = people.sortedBy { it.role != Role.Technician && it.role != Role.FrontDesk }) }
            }
        }
    }

    override fun AtWorkState.with(problem: Problem?) = copy(problem = problem, busy = false, lockedSeconds = null)

    override fun choose(person: EmployeeRow?) = show { copy(chosen = person, pin = "", problem = null, lockedSeconds = null) }

    override fun press(digit: Char) = show { if (pin.length < LONGEST) copy(pin = pin + digit) else this }

    override fun rubOut() = show { copy(pin = pin.dropLast(1)) }

    override fun enter() {
        val (person, pin) = (now.chosen ?: return) to now.pin
        if (now.busy) return
        work {
            show { copy(busy = true, pin = "") }
            if (fits(person.id, pin)) {
                show { copy(busy = false, chosen = null, somebody = true) }
                changed()
            }
        }
    }

    private suspend fun fits(
        person: EmployeeId,
        pin: String,
    ): Boolean =
        try {
            shop.switchTo(person, pin)
            true
        } catch (_: ShopException.Denied) {
            show { copy(busy = false, problem = Problem("wrong_pin")) }
            false
        } catch (locked: ShopException.NotNow) {
            if (locked.code != "pin_locked") throw locked
            show { copy(busy = false, lockedSeconds = locked.seconds?.toLong()) }
            false
        }

    override fun leave() {
        work {
            shop.switchOff()
            show { copy(somebody = false) }
            changed()
        }
    }

    private companion object {
        const val LONGEST = 8
    }
}
