// For Android Studio: the sources that Maven builds, with AndroidX in the place of the desktop's Compose. It takes the
// Android SDK and Google's repository.
pluginManagement {
    repositories {
        google()
        mavenCentral()
    }
    plugins {
        id("com.android.application") version "8.7.3"
        id("com.android.library") version "8.7.3"
        id("org.jetbrains.kotlin.android") version "2.2.20"
        id("org.jetbrains.kotlin.plugin.compose") version "2.2.20"
    }
}

dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "counterpart-apps"
include(":counterpart", ":app")
project(":counterpart").projectDir = file("../bindings/kotlin/android")
