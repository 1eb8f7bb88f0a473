import Testing
import Tracing
import Watching

@Suite struct StatusBoardTests {
    typealias Activity = RankStatus.Activity

    private let computing = [
        Activity(name: "step 3", category: "step", track: .training),
        Activity(name: "forward", category: "forward", track: .training),
    ]
    private let reducing = [
        Activity(name: "step 3", category: "step", track: .training),
        Activity(name: "allreduce of 4", category: "collective", track: .training),
    ]

    private func status(_ rank: Int, _ activities: [Activity], events: Int = 1) -> RankStatus {
        RankStatus(rank: rank, host: "node\(rank)", process: 100, events: events, activities: activities)
    }

    /// Seconds pass, while the ranks say each second that nothing has happened.
    private func pass(_ seconds: Int, _ board: inout StatusBoard, saying statuses: [RankStatus]) {
        for _ in 0..<seconds {
            board.pass(seconds: 1)
            for status in statuses { board.receive(status) }
        }
    }

    @Test func rankThatTheOthersWaitForIsNamed() throws {
        var board = StatusBoard()
        let statuses = [status(0, reducing), status(1, computing), status(2, reducing)]
        for status in statuses { board.receive(status) }
        pass(59, &board, saying: statuses)
        #expect(board.stall(after: 60) == nil)
        pass(1, &board, saying: statuses)
        let stall = try #require(board.stall(after: 60))
        #expect(stall.kind == .idleness && stall.ranks == [1])
        #expect(
            stall.description == """
                no progress on rank 1 (node1) for 60 s: step 3 > forward
                  ranks 0, 2: step 3 > allreduce of 4
                  rank 1: step 3 > forward
                """)
    }

    @Test func anythingThatHappensIsProgress() {
        var board = StatusBoard()
        for second in 0..<200 {
            board.pass(seconds: 1)
            board.receive(status(0, reducing))
            board.receive(status(1, computing, events: second / 50))
        }
        #expect(board.stall(after: 60) == nil, "rank 0 waits for rank 1, which works")
    }

    @Test func silentRankIsNamedBeforeThoseThatWaitForIt() throws {
        var board = StatusBoard()
        for status in [status(0, computing), status(1, reducing), status(2, reducing)] { board.receive(status) }
        pass(60, &board, saying: [status(0, computing), status(1, reducing)])
        let stall = try #require(board.stall(after: 60))
        #expect(stall.kind == .silence && stall.ranks == [2])
        #expect(stall.description.hasPrefix("no sign of life from rank 2 (node2) for 60 s\n"))
        #expect(stall.lines.last == "rank 2: step 3 > allreduce of 4, silent for 60 s")
    }

    @Test func ranksThatAllWaitForEachOtherAreADeadlock() throws {
        var board = StatusBoard()
        let statuses = (0..<4).map { status($0, reducing) }
        for status in statuses { board.receive(status) }
        pass(10, &board, saying: statuses)
        let stall = try #require(board.stall(after: 10))
        #expect(stall.kind == .deadlock && stall.lines == ["ranks 0-3: step 3 > allreduce of 4"])
    }

    @Test func rankThatHasEndedIsNotMissed() {
        var board = StatusBoard()
        board.receive(status(0, computing))
        board.receive(status(1, computing))
        board.remove(rank: 1)
        for second in 0..<100 {
            board.pass(seconds: 1)
            board.receive(status(0, computing, events: second))
        }
        #expect(board.stall(after: 10) == nil)
    }

    @Test func waitingForTheThreadThatReducesIsWaitingForOthers() {
        let waiting = Activity(name: "wait for gradients", category: "wait", track: .training)
        let reducing = Activity(name: "allreduce of 9", category: "collective", track: .communication)
        #expect(status(0, [waiting, reducing]).waitsForOthers)
        #expect(!status(0, [waiting]).waitsForOthers)
        #expect(status(0, [waiting, reducing]).text == "wait for gradients; allreduce of 9")
    }

    @Test func whatIsBeingReadShowsWhereItIsWaitedFor() {
        let waiting = Activity(name: "wait for images", category: "data", track: .training)
        let reading = Activity(name: "read a.jpg", category: "data", track: .loading)
        #expect(status(0, [waiting, reading]).text == "wait for images; read a.jpg")
        #expect(status(0, [reading] + computing).text == "step 3 > forward")
    }

    @Test func statusComesBackFromItsLine() throws {
        let sent = status(3, computing)
        let line = try #require(sent.line as String?)
        #expect(!line.contains("\n"))
        #expect(RankStatus(line: line) == sent)
        #expect(RankStatus(line: "nonsense") == nil)
    }
}
