package dev.counterpart.app

import dev.counterpart.ShopException
import dev.counterpart.code
import dev.counterpart.trial.Device
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteExisting
import kotlin.io.path.writeText

/** The device's folder, which cannot be opened at every moment. */
class OpenDeviceTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `a folder that cannot be opened says why, and is opened once somebody tries again`() =
        story {
            val newer = folder.resolve("data").createDirectories().resolve("terminal.json")
            newer.writeText("{\"form\":99}")
            val opened = mutableListOf<Device>()
            val device = OpenDevice({ Device.open(folder).also { opened += it }.terminal })
            assertEquals(DeviceState(), device.state.value)
            device.open()
            assertEquals(DeviceState(problem = Problem("newer_file")), device.state.value)
            assertEquals("newer_file", runCatching { device.terminal() }.exceptionOrNull().let { (it as ShopException).code })
            newer.deleteExisting()
            device.open()
            val session = checkNotNull(device.state.value.session)
            assertNull(device.state.value.problem)
            assertSame(device.terminal(), opened.single().terminal, "it is opened once")
            assertSame(session, device.session())
            session.close()
            opened.single().close()
        }

    @Test
    fun `what is no error of the engine's is shown as a defect`() =
        story {
            val device = OpenDevice({ throw IOException("no such folder") })
            device.open()
            assertEquals(DeviceState(problem = Problem("defect")), device.state.value)
        }
}
