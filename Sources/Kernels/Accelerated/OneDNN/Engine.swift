import COneDNN
import Foundation
import Tensors

/// oneDNN's CPU engine and an in-order stream.
final class Engine {
    let handle: dnnl_engine_t
    let stream: dnnl_stream_t
    /// Channels in a block of the layout that oneDNN's fastest convolutions read on this CPU.
    let channelBlock: Int

    init() {
        // Some virtual machines announce AMX and fault on it; single precision gains nothing above AVX-512.
        if getenv("ONEDNN_MAX_CPU_ISA") == nil, getenv("DNNL_MAX_CPU_ISA") == nil {
            _ = dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx512_core)  // refused once oneDNN is in use, which is harmless
        }
        var engine: dnnl_engine_t?
        check(dnnl_engine_create(&engine, dnnl_cpu, 0), "creating the CPU engine")
        var stream: dnnl_stream_t?
        check(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue), "creating a stream")
        guard let engine, let stream else { fatalError("oneDNN returned no engine") }
        handle = engine
        self.stream = stream
        let isa = dnnl_get_effective_cpu_isa().rawValue
        let avx512 = dnnl_cpu_isa_avx512_core.rawValue
        channelBlock = isa & avx512 == avx512 ? 16 : 8
    }

    deinit {
        dnnl_stream_destroy(stream)
        dnnl_engine_destroy(handle)
    }
}

/// oneDNN reports a failure only for arguments it cannot take or when memory is out: both end the program, with the
/// operation's name.
func check(_ status: dnnl_status_t, _ operation: @autoclosure () -> String) {
    guard status != dnnl_success else { return }
    let reason =
        switch status {
        case dnnl_out_of_memory: "out of memory"
        case dnnl_invalid_arguments: "invalid arguments"
        case dnnl_unimplemented: "not implemented on this CPU; try --backend openblas"
        default: "status \(status.rawValue)"
        }
    fatalError("oneDNN failed while \(operation()): \(reason)")
}
