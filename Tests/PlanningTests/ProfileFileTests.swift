import Planning
import Testing

@Suite struct ProfileFileTests {
    @Test func fileKeepsEverything() throws {
        var profile = simpleProfile(ranksPerNode: 2, threads: 3, processors: 4, optimizer: 0.5, sums: .typical)
        profile.dataWait = 0.125
        #expect(try StepProfile(json: profile.json, path: "p.json") == profile)
    }

    private func expectRefusal(_ text: String, _ problem: String) {
        let error = #expect(throws: PlanError.self) { try StepProfile(json: text, path: "p.json") }
        #expect(error == .notAProfile(path: "p.json", problem: problem))
    }

    @Test func whatIsNoProfileIsRefusedWithItsFault() throws {
        expectRefusal("", "it is not JSON")
        expectRefusal("[1]", " is something else")
        expectRefusal("{}", "there is no format")
        let text = try simpleProfile().json
        expectRefusal(
            text.replacing("profile 1", with: "profile 2"), "its format is 'aam profile 2', not 'aam profile 1'")
        expectRefusal(text.replacing("\"threads\"", with: "\"thread\""), "there is no profile.threads")
        expectRefusal(
            text.replacing("\"forward\" : 1", with: "\"forward\" : \"1\""),
            "profile.computations.[0].forward is something else")
    }

    @Test func profilesThatMakeNoStepAreRefused() throws {
        func expect(_ problem: String, _ change: (inout StepProfile) -> Void) throws {
            var profile = simpleProfile()
            change(&profile)
            expectRefusal(try profile.json, problem)
        }
        try expect("threads is 0") { $0.threads = 0 }
        try expect("a time is -1.0 s") { $0.optimizer = -1 }
        try expect("no computation was measured") { $0.computations = [] }
        try expect("the computation on 8 images has no forward") { $0.computations[0].forward = 0 }
        try expect("the computation on 8 images does not complete all gradients") { $0.gradientBytes += 4 }
        try expect("the computation on 8 images is not after a smaller one") { $0.computations += $0.computations }
        try expect("the computation on 8 images has a backward that does not go on") {
            $0.computations[0].backward[0].seconds = 5
        }
    }
}
