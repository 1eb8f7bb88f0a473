import Launching
import Testing

@Suite struct CommandWordsTests {
    @Test(
        arguments: [
            ("mpirun", ["mpirun"]), ("", []), ("  ", []), (" mpirun\t-x  A ", ["mpirun", "-x", "A"]),
            ("-x 'A=b c' -x \"D=e f\"g", ["-x", "A=b c", "-x", "D=e fg"]), ("a '' \"\"", ["a", "", ""]),
            (#"a\ b '\' "\"\n" $c"#, ["a b", #"\"#, #""\n"#, "$c"]), ("it\"'\"s", ["it's"]),
        ])
    func wordsAreThoseOfAShell(text: String, words: [String]) throws {
        #expect(try commandWords(text) == words)
    }

    @Test(arguments: ["a 'b", "\"", #"a\"#])
    func quotationThatIsNotClosedIsRefused(text: String) {
        let error = #expect(throws: UnclosedQuote.self) { try commandWords(text) }
        #expect(error?.text == text)
    }
}
