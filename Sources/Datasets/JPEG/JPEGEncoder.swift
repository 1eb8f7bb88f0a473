import CTurboJPEG

/// Encodes RGB images as baseline JPEG through libjpeg-turbo's TurboJPEG 2 interface. The same image and quality give
/// the same bytes. One encoder serves one thread at a time.
public final class JPEGEncoder {
    private let handle: tjhandle

    /// - Throws: `ImageError.codec` if the library has no memory for an encoder.
    public init() throws {
        guard let handle = tjInitCompress() else {
            throw ImageError.codec(reason: String(cString: tjGetErrorStr2(nil)))
        }
        self.handle = handle
    }

    deinit { tjDestroy(handle) }

    /// A JPEG file with colours at half the resolution (4:2:0), as cameras write it.
    /// - Parameters:
    ///   - image: upright.
    ///   - quality: 1 (smallest) to 100 (best).
    /// - Throws: `ImageError.codec`.
    public func encode(_ image: RGBImage, quality: Int = 90) throws -> [UInt8] {
        precondition((1...100).contains(quality), "a JPEG's quality is 1 to 100, not \(quality)")
        let subsampling = Int32(TJSAMP_420.rawValue)
        let capacity = tjBufSize(Int32(image.width), Int32(image.height), subsampling)
        return try [UInt8](unsafeUninitializedCapacity: Int(capacity)) { buffer, count in
            var destination = buffer.baseAddress
            var size = capacity
            let status = image.withUnsafeSamples { samples in
                tjCompress2(
                    handle, samples.baseAddress, Int32(image.width), 0, Int32(image.height), Int32(TJPF_RGB.rawValue),
                    &destination, &size, subsampling, Int32(quality), TJFLAG_NOREALLOC | TJFLAG_ACCURATEDCT)
            }
            guard status == 0 else { throw ImageError.codec(reason: String(cString: tjGetErrorStr2(handle))) }
            count = Int(size)
        }
    }
}
