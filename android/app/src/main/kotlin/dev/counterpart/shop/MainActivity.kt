package dev.counterpart.shop

import android.content.Intent
import android.os.Bundle
import androidx.activity.ComponentActivity
import androidx.activity.compose.BackHandler
import androidx.activity.compose.setContent
import androidx.compose.foundation.isSystemInDarkTheme
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import dev.counterpart.app.Session
import dev.counterpart.ui.App
import dev.counterpart.ui.ShopTheme
import dev.counterpart.ui.WhenOpen
import dev.counterpart.ui.back
import dev.counterpart.ui.wordsOf
import java.util.Locale

/** The one activity: the screens over the app's session. */
class MainActivity : ComponentActivity() {
    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        val app = application as ShopApp
        // What opened the app once is not read again with a turned screen.
        if (state == null) arrive(intent)
        setContent {
            ShopTheme(isSystemInDarkTheme(), wordsOf(Locale.getDefault().language)) { WhenOpen(app.device) { Screens(it) } }
        }
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        arrive(intent)
    }

    private fun arrive(intent: Intent) {
        val again = intent.flags and Intent.FLAG_ACTIVITY_LAUNCHED_FROM_HISTORY != 0
        if (!again) intent.dataString?.let((application as ShopApp)::arrive)
    }

    @Composable
    private fun Screens(session: Session) {
        val state by session.state.collectAsState()
        val back = back(state.place)
        BackHandler(enabled = state.desk != null && back != null) { back?.let(session::go) }
        App(session, developer = BuildConfig.DEBUG, (application as ShopApp).equipment)
    }
}
