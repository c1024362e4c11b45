package dev.counterpart.platform

import com.google.zxing.BarcodeFormat
import com.google.zxing.BinaryBitmap
import com.google.zxing.DecodeHintType
import com.google.zxing.MultiFormatReader
import com.google.zxing.NotFoundException
import com.google.zxing.PlanarYUVLuminanceSource
import com.google.zxing.common.HybridBinarizer

/** A picture as a camera gives it: how bright each point is, row by row. */
internal class Brightness(
    val points: ByteArray,
    val width: Int,
    val height: Int,
    /** From one row's beginning to the next one's. */
    val stride: Int = width,
) {
    /** A quarter turn: stripes that stand up lie down. */
    fun turned(): Brightness {
        val turned = ByteArray(width * height)
        for (y in 0 until height) for (x in 0 until width) turned[x * height + (height - 1 - y)] = points[y * stride + x]
        return Brightness(turned, height, width)
    }
}

/** Finds the code in a picture: a hub's, or what stands on parts and their boxes. */
internal class Codes {
    private val reader =
        MultiFormatReader().apply {
            setHints(
                mapOf(
                    DecodeHintType.POSSIBLE_FORMATS to
                        listOf(
                            BarcodeFormat.QR_CODE, BarcodeFormat.EAN_13, BarcodeFormat.EAN_8, BarcodeFormat.UPC_A, BarcodeFormat.UPC_E,
                            BarcodeFormat.CODE_128, BarcodeFormat.CODE_39,
                        ),
                ),
            )
        }

    /** What it says; nothing where there is none. Stripes are read however the device is held. */
    fun read(picture: Brightness): String? = once(picture) ?: once(picture.turned())

    private fun once(picture: Brightness): String? {
        val source = PlanarYUVLuminanceSource(picture.points, picture.stride, picture.height, 0, 0, picture.width, picture.height, false)
        return try {
            reader.decodeWithState(BinaryBitmap(HybridBinarizer(source))).text
        } catch (_: NotFoundException) {
            null
        } finally {
            reader.reset()
        }
    }
}
