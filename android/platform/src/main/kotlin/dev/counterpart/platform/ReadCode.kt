package dev.counterpart.platform

import android.Manifest
import android.annotation.SuppressLint
import android.app.Activity
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.graphics.ImageFormat
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.media.ImageReader
import android.os.Bundle
import android.os.Handler
import android.os.HandlerThread
import android.view.Surface
import android.view.TextureView
import dev.counterpart.app.Code
import dev.counterpart.app.CodeReader
import kotlinx.coroutines.CompletableDeferred

/** Reads a code with the camera, in an activity of its own. */
class CameraCodes(
    private val context: Context,
) : CodeReader {
    override suspend fun read(): Code {
        if (!context.packageManager.hasSystemFeature(PackageManager.FEATURE_CAMERA_ANY)) return Code.Missing
        if (!context.mayI(Manifest.permission.CAMERA)) return Code.Refused
        val answer = CompletableDeferred<Code>()
        ReadCode.asked?.complete(Code.Left)
        ReadCode.asked = answer
        context.startActivity(Intent(context, ReadCode::class.java).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK))
        return answer.await()
    }
}

/** What the camera sees, until there is a code in it or the person goes back. */
class ReadCode :
    Activity(),
    TextureView.SurfaceTextureListener {
    private val seeing = HandlerThread("codes")
    private val codes = Codes()
    private var camera: CameraDevice? = null
    private var pictures: ImageReader? = null

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        seeing.start()
        setContentView(TextureView(this).also { it.surfaceTextureListener = this })
    }

    override fun onSurfaceTextureAvailable(
        texture: SurfaceTexture,
        width: Int,
        height: Int,
    ) {
        texture.setDefaultBufferSize(WIDTH, HEIGHT)
        open(Surface(texture))
    }

    // Whoever starts this has asked for the camera; a permission that is taken back meanwhile ends it.
    @SuppressLint("MissingPermission")
    private fun open(shown: Surface) {
        val cameras = getSystemService(CameraManager::class.java)
        val handler = Handler(seeing.looper)
        try {
            val back = cameras.cameraIdList.minByOrNull { if (cameras.looksBack(it)) 0 else 1 } ?: return end(Code.Missing)
            cameras.openCamera(back, Opened(shown, handler), handler)
        } catch (_: CameraAccessException) {
            end(Code.Missing)
        } catch (_: SecurityException) {
            end(Code.Refused)
        }
    }

    private fun CameraManager.looksBack(id: String) =
        getCameraCharacteristics(id).get(CameraCharacteristics.LENS_FACING) == CameraCharacteristics.LENS_FACING_BACK

    private inner class Opened(
        private val shown: Surface,
        private val handler: Handler,
    ) : CameraDevice.StateCallback() {
        override fun onOpened(opened: CameraDevice) {
            camera = opened
            val reader = ImageReader.newInstance(WIDTH, HEIGHT, ImageFormat.YUV_420_888, 2)
            pictures = reader
            reader.setOnImageAvailableListener(::look, handler)
            opened.createCaptureSession(listOf(shown, reader.surface), Seeing(listOf(shown, reader.surface), handler), handler)
        }

        override fun onDisconnected(opened: CameraDevice) = end(Code.Left)

        override fun onError(
            opened: CameraDevice,
            error: Int,
        ) = end(Code.Missing)
    }

    private inner class Seeing(
        private val surfaces: List<Surface>,
        private val handler: Handler,
    ) : CameraCaptureSession.StateCallback() {
        override fun onConfigured(session: CameraCaptureSession) {
            val request = session.device.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW)
            surfaces.forEach(request::addTarget)
            request.set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
            session.setRepeatingRequest(request.build(), null, handler)
        }

        override fun onConfigureFailed(session: CameraCaptureSession) = end(Code.Missing)
    }

    private fun look(reader: ImageReader) {
        val text =
            reader.acquireLatestImage()?.use { image ->
                val bright = image.planes[0]
                val points = ByteArray(bright.buffer.remaining()).also(bright.buffer::get)
                codes.read(Brightness(points, image.width, image.height, bright.rowStride))
            }
        if (text != null) end(Code.Read(text))
    }

    private fun end(code: Code) {
        asked?.complete(code)
        runOnUiThread(::finish)
    }

    override fun onSurfaceTextureSizeChanged(
        texture: SurfaceTexture,
        width: Int,
        height: Int,
    ) = Unit

    override fun onSurfaceTextureUpdated(texture: SurfaceTexture) = Unit

    override fun onSurfaceTextureDestroyed(texture: SurfaceTexture) = true

    override fun onDestroy() {
        super.onDestroy()
        camera?.close()
        pictures?.close()
        seeing.quitSafely()
        if (isFinishing) asked?.complete(Code.Left)
    }

    internal companion object {
        const val WIDTH = 1280
        const val HEIGHT = 720

        /** Who waits for a code. */
        @Volatile
        var asked: CompletableDeferred<Code>? = null
    }
}
