import Launching
import Testing

@Suite struct AttemptTests {
    private static let banner = """
        epoch 1/10
        +------
        | aam: rank 2 of 4 on host node2 failed
        |   what:  the process is gone: it was killed
        |   where: process 17
        | aam: rank 3 of 4 on host node3 failed
        |   what:  something else

        """
    /// As Open MPI 4.1 writes it.
    private static let lostDaemon = """
        ORTE has lost communication with a remote daemon.

          HNP daemon   : [[5592,0],0] on node node1
          Remote daemon: [[5592,0],2] on node node3

        """

    private func output(_ text: String) -> AttemptOutput {
        var output = AttemptOutput()
        // In pieces, as a pipe brings it.
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: 7) { output.take(Array(bytes[start...].prefix(7))) }
        return output
    }

    @Test func firstBannerIsTheCause() {
        let output = output(Self.banner + Self.lostDaemon)
        #expect(output.banner == "rank 2 of 4 on host node2: the process is gone: it was killed")
        #expect(output.cause == output.banner)
        #expect(output.isEnd)
    }

    @Test func bannerOfOneRankIsFoundBehindMPIRunsTags() {
        let text = "[1,0]<stderr>:| aam: failed on host a.b\n[1,0]<stderr>:|   what:  no data\n"
        #expect(output(text).banner == "host a.b: no data")
    }

    @Test func lostHostIsTheCause() {
        #expect(output(Self.lostDaemon).cause == "mpirun lost contact with node3")
        #expect(output(Self.lostDaemon).banner == nil)
        #expect(output(Self.lostDaemon).isEnd)
    }

    @Test func usualOutputIsNoEnd() {
        #expect(!output("warning: aam: something failed\nfinished 8 steps\n").isEnd)
    }

    private func end(
        _ exitCode: Int32, _ text: String = "", didHang: Bool = false, stopped: Bool = false, lostHosts: Bool = false
    ) -> (AttemptEnd, Int32) {
        let result = AttemptResult(
            exitCode: exitCode, output: output(text), didHang: didHang, stop: stopped ? .terminate : nil)
        let end = AttemptEnd(result) { lostHosts }
        return (end, end.exitCode(of: result))
    }

    @Test func successIsDoneAlsoAfterASignal() {
        #expect(end(0) == (.done, 0))
        #expect(end(0, stopped: true) == (.done, 0))
    }

    @Test func codesFrom128AreRetryable() {
        for code: Int32 in [128, 137, 200, 205, 255] { #expect(end(code) == (.retryable, code)) }
        #expect(end(137, Self.banner) == (.retryable, 137))
    }

    @Test func failureOfARankBelow128Stays() {
        #expect(end(1, Self.banner, lostHosts: true) == (.failed, 1))
        #expect(end(1, Self.banner, stopped: true) == (.failed, 1))
    }

    @Test func endWithoutABannerIsRetryableIfAHostIsLost() {
        #expect(end(1) == (.failed, 1))
        #expect(end(64) == (.failed, 64))
        #expect(end(1, lostHosts: true) == (.retryable, 200))
    }

    @Test func stoppedJobHasARetryableCodeButIsNotRetried() {
        #expect(end(138, stopped: true) == (.stopped, 138))
        #expect(end(1, stopped: true, lostHosts: true) == (.stopped, 143))
    }

    @Test func hungJobIsRetryableWhateverItsCode() {
        #expect(end(1, Self.banner, didHang: true) == (.retryable, 200))
        #expect(end(0, didHang: true) == (.retryable, 200))
    }
}
