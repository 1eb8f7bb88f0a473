import CSPNG

/// Decodes PNG files to 8-bit RGB through libspng, as Pillow's `convert("RGB")` does: palettes and greyscale become RGB, of
/// 16 bits the upper 8 are kept, transparency and gamma are ignored.
///
/// libspng rather than libpng: it returns errors where libpng jumps out of the caller's frames, which Swift forbids.
enum PNGDecoder {
    /// Of text, profiles and the like, which are not kept.
    private static let chunkLimit = 1 << 24

    /// The image in `bytes`; errors name `path`.
    /// - Throws: `ImageError`.
    static func decode(_ bytes: [UInt8], path: String) throws -> RGBImage {
        try withContext(bytes, path: path) { context, size in
            try RGBImage(width: size.width, height: size.height) { destination in
                let status = spng_decode_image(
                    context, destination, 3 * size.width * size.height, Int32(SPNG_FMT_RGB8.rawValue), 0)
                guard status == 0 else { throw corruption(status, path: path) }
            }
        }
    }

    /// The size of the image that begins with `bytes`.
    /// - Throws: `ImageError`.
    static func size(_ bytes: [UInt8], path: String) throws -> ImageSize {
        try withContext(bytes, path: path) { _, size in size }
    }

    private static func withContext<Result>(
        _ bytes: [UInt8], path: String, _ body: (OpaquePointer, ImageSize) throws -> Result
    ) throws -> Result {
        guard let context = spng_ctx_new(0) else { throw ImageError.codec(reason: "no memory for a PNG decoder") }
        defer { spng_ctx_free(context) }
        return try bytes.withUnsafeBufferPointer { buffer in
            spng_set_chunk_limits(context, chunkLimit, chunkLimit)
            spng_set_png_buffer(context, buffer.baseAddress, buffer.count)
            var header = spng_ihdr()
            let status = spng_get_ihdr(context, &header)
            guard status == 0 else { throw corruption(status, path: path) }
            let size = ImageSize(width: Int(header.width), height: Int(header.height))
            try size.check(byteCount: buffer.count, format: .png, path: path)
            return try body(context, size)
        }
    }

    private static func corruption(_ status: Int32, path: String) -> ImageError {
        .corrupt(
            path: path, format: .png, reason: String(cString: spng_strerror(status)),
            truncated: status == Int32(SPNG_IO_EOF.rawValue))
    }
}
