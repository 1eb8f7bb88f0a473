import Kernels
import Testing

@Suite struct OpenBLASCoreTests {
    private static let skylake: Set<String> = [
        "sse2", "avx", "avx2", "fma", "avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl",
    ]
    private static let haswell: Set<String> = ["sse2", "avx", "avx2", "fma"]

    private func core(_ name: String, _ flags: Set<String>, _ options: String = "DYNAMIC_ARCH") -> OpenBLASCore {
        OpenBLASCore(name: name, configuration: "OpenBLAS 0.3.21 \(options) \(name) MAX_THREADS=64", cpuFlags: flags)
    }

    @Test(
        arguments: [
            ("Prescott", skylake, "SkylakeX"), ("Nehalem", skylake, "SkylakeX"), ("Haswell", skylake, "SkylakeX"),
            ("Prescott", haswell, "Haswell"), ("Core2", haswell, "Haswell"), ("Sandybridge", haswell, "Haswell"),
            // Not all that SkylakeX's kernels need.
            ("Prescott", haswell.union(["avx512f"]), "Haswell"),
        ])
    func kernelsOlderThanTheCPUAreReported(name: String, flags: Set<String>, remedy: String) {
        #expect(core(name, flags).isSlowerThanCPU)
        #expect(core(name, flags).remedy == remedy)
    }

    @Test(
        arguments: [
            ("SkylakeX", skylake), ("Cooperlake", skylake), ("Sapphirerapids", skylake), ("Zen", skylake),
            ("Haswell", haswell), ("Zen", haswell), ("Excavator", haswell), ("Nehalem", ["sse2"]),
            ("Sandybridge", ["sse2", "avx"]), ("neoversen1", []),
        ] as [(String, Set<String>)])
    func kernelsThatFitTheCPUAreLeftAlone(name: String, flags: Set<String>) {
        #expect(!core(name, flags).isSlowerThanCPU)
        #expect(core(name, flags).remedy == nil)
    }

    @Test func librariesWithOneKernelHaveNoRemedy() {
        let fixed = core("Nehalem", Self.haswell, "NO_AFFINITY")
        #expect(fixed.isSlowerThanCPU)
        #expect(fixed.remedy == nil)
    }

    @Test func flagsAreReadFromCpuinfo() {
        let cpuinfo = """
            processor\t: 0
            model name\t: Some CPU
            flags\t\t: fpu sse2 avx2
            bugs\t\t: spectre_v1

            processor\t: 1
            flags\t\t: fpu other
            """
        #expect(OpenBLASCore.cpuFlags(in: cpuinfo) == ["fpu", "sse2", "avx2"])
        #expect(OpenBLASCore.cpuFlags(in: "Features : asimd").isEmpty)
    }

    @Test func thisProcessReportsItsLibrary() {
        let core = OpenBLASCore.current()
        #expect(core.configuration.hasPrefix("OpenBLAS"))
        #expect(core.configuration.lowercased().contains(core.name.lowercased()))
    }
}
