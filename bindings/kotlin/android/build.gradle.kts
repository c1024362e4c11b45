// The Android library, for an app that takes it in as a module: `include(":counterpart")` with this folder as its
// projectDir. `cargo xtask bindings kotlin` writes the generated code, `cargo xtask bindings android` the libraries.
plugins {
    id("com.android.library")
    id("org.jetbrains.kotlin.android")
}

android {
    namespace = "dev.counterpart.android"
    compileSdk = 35
    defaultConfig {
        // java.time and java.nio.file are there from here on.
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    sourceSets["main"].kotlin.srcDirs("src/main/kotlin", "../src/main/kotlin", "../generated")
    sourceSets["main"].jniLibs.srcDir("jniLibs")
}

kotlin.compilerOptions.jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_17

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.10.2")
    // The app brings it: net.java.dev.jna:jna:5.18.1@aar.
    compileOnly("net.java.dev.jna:jna:5.18.1")
}
