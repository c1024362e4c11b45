// The app. `cargo xtask bindings android` brings the engine of its release builds, with `--debug` that of its debug builds,
// and `cargo xtask words` the words.
plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
    id("org.jetbrains.kotlin.plugin.compose")
}

android {
    namespace = "dev.counterpart.shop"
    compileSdk = 35
    defaultConfig {
        applicationId = "dev.counterpart.shop"
        // java.time and java.nio.file are there from here on.
        minSdk = 26
        targetSdk = 35
        versionCode = 1
        versionName = "0.1.0"
    }
    buildTypes["release"].isMinifyEnabled = true
    buildFeatures {
        compose = true
        buildConfig = true
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    // The same files that Maven compiles: one list of sources, never two copies.
    sourceSets["main"].kotlin.srcDirs(
        "src/main/kotlin",
        "../model/src/main/kotlin",
        "../model/generated",
        "../ui/src/main/kotlin",
        "../platform/src/main/kotlin",
    )
    // What an inspector may do is in debug builds alone, as it is in the engine that they take.
    sourceSets["debug"].kotlin.srcDir("../model/src/inspected/kotlin")
    sourceSets["release"].kotlin.srcDir("../model/src/shipped/kotlin")
}

kotlin.compilerOptions.jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_17

dependencies {
    implementation(project(":counterpart"))
    implementation("net.java.dev.jna:jna:5.18.1@aar")
    implementation("com.google.zxing:core:3.5.3")
    // Of the age of the desktop's Compose 1.5.12.
    implementation(platform("androidx.compose:compose-bom:2023.10.01"))
    implementation("androidx.compose.material3:material3")
    implementation("androidx.compose.material:material-icons-extended")
    implementation("androidx.activity:activity-compose:1.8.2")
}
