import COneDNN

/// The oneDNN that this process has loaded.
public struct OneDNNLibrary: Codable, Hashable, Sendable {
    /// As in `2.6.3`.
    public let version: String
    /// The widest vectors that it computes with on this CPU, as `ONEDNN_MAX_CPU_ISA` names them: `AVX512_CORE`.
    public let instructions: String
    /// Channels in a block of the activations and filters: ranks can sum gradients only if all have the same.
    public let channelBlock: Int

    /// With the limits under which our kernels use it.
    public static func current() -> OneDNNLibrary {
        let engine = Engine()
        let version = dnnl_version().pointee
        return OneDNNLibrary(
            version: "\(version.major).\(version.minor).\(version.patch)",
            instructions: name(dnnl_get_effective_cpu_isa()), channelBlock: engine.channelBlock)
    }

    private static func name(_ isa: dnnl_cpu_isa_t) -> String {
        switch isa {
        case dnnl_cpu_isa_sse41: "SSE41"
        case dnnl_cpu_isa_avx: "AVX"
        case dnnl_cpu_isa_avx2: "AVX2"
        case dnnl_cpu_isa_avx2_vnni: "AVX2_VNNI"
        case dnnl_cpu_isa_avx512_mic, dnnl_cpu_isa_avx512_mic_4ops: "AVX512_MIC"
        case dnnl_cpu_isa_avx512_core: "AVX512_CORE"
        case dnnl_cpu_isa_avx512_core_vnni: "AVX512_CORE_VNNI"
        case dnnl_cpu_isa_avx512_core_bf16: "AVX512_CORE_BF16"
        case dnnl_cpu_isa_avx512_core_amx: "AVX512_CORE_AMX"
        default: "unknown (\(isa.rawValue))"
        }
    }
}
