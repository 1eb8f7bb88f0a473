import TestSupport
import Testing

/// A short run of each target; the program says how to run more.
@Suite(.serialized) struct FuzzTests {
    @Test(arguments: ["cub", "aircraft", "cars", "dogs", "matlab", "jpeg", "png", "safetensors"])
    func damagedFilesAreReadOrRefused(target: String) throws {
        let result = try runCommand(
            try builtProduct("fuzz"), arguments: [target, "--iterations", "2000", "--seed", "1"], timeout: 120)
        try #require(result.status == 0, "\(result.stdout)\(result.stderr)")
        let match = try #require(
            result.stdout.firstMatch(of: #/(\d+) inputs, (\d+) read, (\d+) refused/#), "\(result.stdout)")
        #expect(match.1 == "2000")
        // Damage that is never noticed, or always, would test little.
        let (read, refused) = (Int(match.2) ?? 0, Int(match.3) ?? 0)
        #expect(read >= 20 && refused >= 20, "\(result.stdout)")
    }
}
