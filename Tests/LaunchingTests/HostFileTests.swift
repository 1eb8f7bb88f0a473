import Launching
import Testing

@Suite struct HostFileTests {
    private func hosts(_ text: String) throws -> [LaunchHost] { try HostFile.hosts(in: text, path: "hosts") }

    @Test func linesAreHostsWithTheirSlots() throws {
        let text = """
            # a comment
            node01 slots=2
              10.0.0.3   slots = 2  max-slots=4   # another

            user@node02 slots=1 max_slots=1\r
            node03
            #node04 slots=2
            """
        #expect(
            try hosts(text) == [
                LaunchHost("node01", slots: 2), LaunchHost("10.0.0.3", slots: 2, maximumSlots: 4),
                LaunchHost("user@node02", slots: 1, maximumSlots: 1), LaunchHost("node03", slots: 1),
            ])
    }

    @Test func slotsOfAHostAddUpAtItsFirstPlace() throws {
        #expect(
            try hosts("a\nb slots=3\na\na slots=2\n") == [LaunchHost("a", slots: 4), LaunchHost("b", slots: 3)])
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let all = [LaunchHost("a", slots: 2, maximumSlots: 5), LaunchHost("10.0.0.1", slots: 1)]
        #expect(HostFile.text(all) == "a slots=2 max_slots=5\n10.0.0.1 slots=1\n")
        #expect(try hosts(HostFile.text(all)) == all)
    }

    @Test(
        arguments: [
            ("a\n\nb slots=two", 3, "slots is a number of ranks, at least 1, not 'two'"),
            ("a slots=0", 1, "slots is a number of ranks, at least 1, not '0'"),
            ("a 4", 1, "'4' is not understood; write slots=N"),
            ("a slot=4", 1, "'slot' is not understood; there are slots and max_slots"),
            ("a\n^b", 2, "'^b' is no name of a host"), ("slots=2", 1, "'slots=2' is no name of a host"),
            ("# none", nil, "there is no host in it"),
            ("a slots=3 max_slots=2", nil, "a has 3 slots, more than its max_slots"),
        ] as [(String, Int?, String)])
    func mistakeIsNamedWithItsLine(text: String, line: Int?, problem: String) throws {
        let error = try #require(throws: HostFileError.self) { try hosts(text) }
        #expect(error == HostFileError(path: "hosts", line: line, problem: problem))
        #expect(error.description == "hosts\(line.map { ":\($0)" } ?? ""): \(problem)")
    }
}
