package dev.counterpart.app

import java.math.BigDecimal
import java.math.RoundingMode
import java.util.Currency

/** Numbers as people type them; nothing where it is none. */
object Amounts {
    /** A whole number, in any digits. */
    fun whole(typed: String): Long? = typed.trim().toLongOrNull()

    /** An amount of money in the currency's smallest unit. A comma is a point. */
    fun cents(
        typed: String,
        currency: String,
    ): Long? {
        val amount = typed.trim().replace(',', '.').toBigDecimalOrNull() ?: return null
        return runCatching { amount.movePointRight(digits(currency)).setScale(0, RoundingMode.UNNECESSARY).longValueExact() }.getOrNull()
    }

    /** The same as somebody would type it. */
    fun typed(
        cents: Long,
        currency: String,
    ): String = BigDecimal.valueOf(cents, digits(currency)).toPlainString()

    /** A share in percent, in hundredths of a percent; none where nothing is typed. */
    fun basisPoints(typed: String): Long? {
        val share = typed.trim().ifEmpty { "0" }.replace(',', '.').toBigDecimalOrNull() ?: return null
        return runCatching { share.movePointRight(2).setScale(0, RoundingMode.UNNECESSARY).longValueExact() }.getOrNull()
    }

    /** The same as somebody would type it. */
    fun percent(basisPoints: Long): String = BigDecimal.valueOf(basisPoints, 2).stripTrailingZeros().toPlainString()

    private fun digits(currency: String): Int =
        runCatching { Currency.getInstance(currency) }.getOrNull()?.defaultFractionDigits?.coerceAtLeast(0) ?: 2
}
