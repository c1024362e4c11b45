package dev.counterpart.platform

import com.google.zxing.BarcodeFormat
import com.google.zxing.MultiFormatWriter
import com.google.zxing.common.BitMatrix
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test

class CodesTest {
    private val link = "counterpart://hub?url=https://192.0.2.7:8443&root_sha256=${"ab".repeat(32)}&anon_key=k"

    /** As a camera would see it on grey paper, its rows longer than the picture is wide. */
    private fun seen(code: BitMatrix): Brightness {
        val (width, height) = 640 to 480
        val stride = width + 64
        val points = ByteArray(stride * height) { 190.toByte() }
        val (left, top) = (width - code.width) / 2 to (height - code.height) / 2
        for (y in 0 until code.height) for (x in 0 until code.width) if (code[x, y]) points[(top + y) * stride + left + x] = 30
        return Brightness(points, width, height, stride)
    }

    private fun code(
        format: BarcodeFormat,
        text: String,
        height: Int,
    ) = seen(MultiFormatWriter().encode(text, format, 320, height))

    @Test
    fun `a hub's code and a part's barcode are read, however the device is held`() {
        val written =
            listOf(
                Triple(BarcodeFormat.QR_CODE, link, 320),
                Triple(BarcodeFormat.EAN_13, "4006381333931", 120),
                Triple(BarcodeFormat.CODE_128, "PRT-S23", 120),
            )
        for ((format, text, height) in written) {
            val picture = code(format, text, height)
            assertEquals(text, Codes().read(picture), "$format")
            assertEquals(text, Codes().read(picture.turned()), "$format, turned")
        }
    }

    @Test
    fun `a picture without a code says nothing`() = assertNull(Codes().read(Brightness(ByteArray(640 * 480), 640, 480)))
}
