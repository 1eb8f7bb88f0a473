import CSPNG
import Foundation

/// Writes RGB images as PNG files through libspng. The same image gives the same bytes.
public enum PNGEncoder {
    /// A PNG file of 8 bits a channel.
    /// - Throws: `ImageError.codec`.
    public static func encode(_ image: RGBImage) throws -> [UInt8] {
        guard let context = spng_ctx_new(Int32(SPNG_CTX_ENCODER.rawValue)) else {
            throw ImageError.codec(reason: "no memory for a PNG encoder")
        }
        defer { spng_ctx_free(context) }
        try check(spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1))
        var header = spng_ihdr()
        (header.width, header.height) = (UInt32(image.width), UInt32(image.height))
        (header.bit_depth, header.color_type) = (8, UInt8(SPNG_COLOR_TYPE_TRUECOLOR.rawValue))
        try check(spng_set_ihdr(context, &header))
        try image.withUnsafeSamples { samples in
            try check(
                spng_encode_image(
                    context, samples.baseAddress, samples.count, Int32(SPNG_FMT_PNG.rawValue),
                    Int32(SPNG_ENCODE_FINALIZE.rawValue)))
        }
        var (size, status) = (0, Int32(0))
        guard let file = spng_get_png_buffer(context, &size, &status) else {
            throw ImageError.codec(reason: String(cString: spng_strerror(status)))
        }
        defer { free(file) }
        return Array(UnsafeRawBufferPointer(start: file, count: size))
    }

    private static func check(_ status: Int32) throws {
        guard status == 0 else { throw ImageError.codec(reason: String(cString: spng_strerror(status))) }
    }
}
