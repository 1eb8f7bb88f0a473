import Launching
import Testing

@Suite struct HostProbeTests {
    @Test func agentIsTheOneOpenMPITakes() throws {
        func words(_ mpirun: String, _ environment: [String: String]) throws -> [String] {
            try RemoteAgent(mpirun: commandWords(mpirun), environment: environment).words
        }
        let path = ["PATH": "/usr/bin:/bin"]
        #expect(try words("mpirun --mca plm_rsh_agent '/a/b -q' -n 2", path) == ["/a/b", "-q"])
        let variable = ["OMPI_MCA_plm_rsh_agent": "no-such-agent : sh -e"]
        #expect(try words("mpirun", path.merging(variable) { $1 }) == ["sh", "-e"])
        #expect(try words("mpirun -mca orte_rsh_agent /c", variable) == ["/c"])
        #expect(try words("mpirun --mca plm_rsh_args '-p 22'", ["OMPI_MCA_plm_rsh_agent": "/a"]) == ["/a", "-p", "22"])
    }

    @Test func sshIsNotToAskTheUser() throws {
        let quiet = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=3"]
        #expect(RemoteAgent(["ssh", "-x"]).probe(of: "a", seconds: 2.5) == ["ssh", "-x"] + quiet + ["a", "true"])
        #expect(RemoteAgent(["/agent"]).probe(of: "a", seconds: 2.5) == ["/agent", "a", "true"])
    }

    @Test func hostsThatDoNotAnswerAreNamedWithTheReason() throws {
        let script =
            "case $0 in dead) echo asked >&2; echo no route >&2; exit 255;; slow) sleep 60;; quiet) exit 3;; esac"
        let probe = HostProbe(agent: RemoteAgent(["sh", "-c", script]), seconds: 2)
        // Never asked: it is here.
        let here = ["localhost", "127.0.0.1", LocalHost.name, "user@localhost"]
        let hosts = (["dead", "slow", "quiet", "well"] + here).map { LaunchHost($0, slots: 1) }
        let failures = try probe.failures(of: hosts, environment: ["PATH": "/usr/bin:/bin"])
        #expect(failures == ["dead": "no route", "slow": "no answer within 2 s", "quiet": "exit code 3"])
    }

    @Test func missingAgentIsAnError() throws {
        let probe = HostProbe(agent: RemoteAgent(["/no/agent"]), seconds: 2)
        let error = try #require(throws: StartError.self) {
            try probe.failures(of: [LaunchHost("a.invalid", slots: 1)], environment: [:])
        }
        #expect(error.description == "cannot start /no/agent: No such file or directory")
    }

    @Test func othersAddressesAreNotThisHosts() {
        #expect(!LocalHost.isNamed("192.0.2.1"))
        #expect(!LocalHost.isNamed("a.invalid"))
        #expect(LocalHost.isNamed("127.0.0.1"))
    }
}
