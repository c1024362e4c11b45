// The Android library, for an app that takes it in as a module: `include(":counterpart")` with this folder as its
// projectDir. `cargo xtask bindings android` writes the generated code and the libraries of release builds, with `--debug`
// those of debug builds, which have what an inspector may do.
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
    sourceSets["main"].kotlin.srcDirs("src/main/kotlin", "../src/main/kotlin")
    sourceSets["debug"].kotlin.srcDir("inspected/generated")
    sourceSets["debug"].jniLibs.srcDir("inspected/jniLibs")
    sourceSets["release"].kotlin.srcDir("shipped/generated")
    sourceSets["release"].jniLibs.srcDir("shipped/jniLibs")
}

kotlin.compilerOptions.jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_17

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.10.2")
    // The app brings it: net.java.dev.jna:jna:5.18.1@aar.
    compileOnly("net.java.dev.jna:jna:5.18.1")
}
