import Foundation

/// Chromium without a window, which opens pages for tests and is told what to do by the Chrome DevTools Protocol, over a
/// pair of named pipes.
public final class Browser {
    /// Chromium's executable, or nil where there is none.
    public static let path = ["chromium", "chromium-browser", "google-chrome"].lazy.compactMap(findInPath).first

    /// What the browser told without having been asked.
    public struct Event {
        public let method: String
        public let parameters: [String: Any]
    }

    public private(set) var events: [Event] = []
    private let command: RunningCommand
    private let folder: URL
    private let input: FileHandle
    private let output: FileHandle
    private var received = Data()
    private var count = 0
    private var session: String?

    /// Starts it, with an empty page.
    /// - Throws: `CommandError` if there is none, or if it does not answer.
    public init() throws {
        guard let path = Self.path else { throw CommandError(description: "no chromium in PATH") }
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("browser-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (requests, answers) = (folder.path + "/requests", folder.path + "/answers")
        for pipe in [requests, answers] { mkfifo(pipe, 0o600) }
        // The browser reads file descriptor 3 and writes 4. Opening a pipe waits for its other end.
        let script = "exec \"$0\" \"$@\" 3<\"$AAM_REQUESTS\" 4>\"$AAM_ANSWERS\""
        command = try RunningCommand(
            "/bin/sh",
            arguments: [
                "-c", script, path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--remote-debugging-pipe", "--user-data-dir=\(folder.path)/profile", "about:blank",
            ], environment: ["AAM_REQUESTS": requests, "AAM_ANSWERS": answers])
        input = try FileHandle(forWritingTo: URL(fileURLWithPath: requests))
        output = try FileHandle(forReadingFrom: URL(fileURLWithPath: answers))
        let target = try call("Target.createTarget", ["url": "about:blank"])["targetId"] as? String
        let attached = try call("Target.attachToTarget", ["targetId": target ?? "", "flatten": true])
        session = attached["sessionId"] as? String
        for domain in ["Page", "Runtime", "Log", "Network"] { try call("\(domain).enable") }
    }

    deinit {
        _ = try? call("Browser.close")
        _ = try? command.result(within: 10)
        try? FileManager.default.removeItem(at: folder)
    }

    /// Calls a method of the protocol.
    /// - Throws: `CommandError` with the browser's words if it refuses, or if it has ended.
    @discardableResult
    public func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
        count += 1
        var message: [String: Any] = ["id": count, "method": method, "params": parameters]
        message["sessionId"] = session
        try input.write(contentsOf: JSONSerialization.data(withJSONObject: message) + [0])
        while true {
            let answer = try receive()
            guard answer["id"] as? Int == count else {
                let parameters = answer["params"] as? [String: Any]
                events.append(Event(method: answer["method"] as? String ?? "", parameters: parameters ?? [:]))
                continue
            }
            if let error = answer["error"] { throw CommandError(description: "\(method): \(error)") }
            return answer["result"] as? [String: Any] ?? [:]
        }
    }

    private func receive() throws -> [String: Any] {
        while true {
            if let end = received.firstIndex(of: 0) {
                let message = Data(received[..<end])
                received = Data(received[(end + 1)...])
                return try JSONSerialization.jsonObject(with: message) as? [String: Any] ?? [:]
            }
            var ready = pollfd(fd: output.fileDescriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 60_000) > 0 else { throw CommandError(description: "the browser does not answer") }
            let piece = output.availableData
            guard !piece.isEmpty else {
                throw CommandError(description: "the browser ended: \(try command.output.stderr)")
            }
            received += piece
        }
    }

    /// What a page is shown on.
    public func show(on width: Int, height: Int = 900, scheme: String, isMobile: Bool = false) throws {
        try call(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": isMobile])
        try call(
            "Emulation.setEmulatedMedia",
            ["features": [["name": "prefers-color-scheme", "value": scheme]]])
    }

    /// Opens a file and waits until it is loaded.
    public func open(_ path: String) throws {
        events = []
        try call("Page.navigate", ["url": URL(fileURLWithPath: path).absoluteString])
        for _ in 0..<200 where try evaluate("document.readyState") as? String != "complete" { usleep(20_000) }
    }

    /// The value of an expression in the page.
    /// - Throws: `CommandError` if it throws.
    public func evaluate(_ expression: String) throws -> Any? {
        let answer = try call(
            "Runtime.evaluate", ["expression": expression, "returnByValue": true, "awaitPromise": true])
        if let exception = answer["exceptionDetails"] {
            throw CommandError(description: "\(expression): \(exception)")
        }
        return (answer["result"] as? [String: Any])?["value"]
    }

    /// Moves the pointer to a part of the element that a selector finds first, from its top left corner on.
    public func point(at selector: String, x: Double, y: Double) throws {
        let box = try evaluate(
            """
            (() => { const e = document.querySelector('\(selector)'); e.scrollIntoView({ block: 'center', behavior: 'instant' });
            const b = e.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; })()
            """)
        guard let box = (box as? [NSNumber])?.map(\.doubleValue), box.count == 4 else {
            throw CommandError(description: "nothing to point at: \(selector)")
        }
        try call(
            "Input.dispatchMouseEvent",
            ["type": "mouseMoved", "x": box[0] + x * box[2], "y": box[1] + y * box[3]])
    }
}
