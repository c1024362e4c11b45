package dev.counterpart.android

import android.content.Context
import android.os.UserManager
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import dev.counterpart.AdapterException
import dev.counterpart.SecureStorage
import java.security.KeyStore
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey

/**
 * Secure storage under a key of the Android keystore, which never leaves this device: on another one, what is stored is
 * as good as not there. Readable once the device was unlocked after a start, so that a background task finds it.
 */
class KeystoreStorage(
    context: Context,
) : SecureStorage {
    // It outlives whatever opened it, an activity among that.
    private val app = context.applicationContext
    private val users = app.getSystemService(UserManager::class.java)
    private val sealed by lazy {
        val folder = app.noBackupFilesDir.toPath().resolve("counterpart").resolve("keys")
        SealedFolder(folder, ::key)
    }

    override fun get(name: String): String? = unlocked().get(name)

    override fun set(
        name: String,
        value: String,
    ) = unlocked().set(name, value)

    override fun remove(name: String) = unlocked().remove(name)

    private fun unlocked(): SealedFolder {
        if (!users.isUserUnlocked) throw AdapterException.Locked()
        return sealed
    }

    @Synchronized
    private fun key(): SecretKey {
        val store = KeyStore.getInstance(STORE).apply { load(null) }
        val known = store.getKey(ALIAS, null)
        if (known != null) return known as SecretKey
        val wanted =
            KeyGenParameterSpec
                .Builder(ALIAS, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
                .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                .setKeySize(256)
                .build()
        return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, STORE).run {
            init(wanted)
            generateKey()
        }
    }

    private companion object {
        const val STORE = "AndroidKeyStore"
        const val ALIAS = "dev.counterpart"
    }
}
