import HTMLReport
import Testing

struct HTMLTests {
    @Test func textsAreEscapedAndLiteralsAreNot() {
        let name = "<script>alert(\"a & b's\")</script>"
        let markup: HTML = "<p title=\"\(name)\">\(name)</p>"
        let escaped = "&lt;script&gt;alert(&quot;a &amp; b&#39;s&quot;)&lt;/script&gt;"
        #expect(markup.text == "<p title=\"\(escaped)\">\(escaped)</p>")
    }

    @Test func markupIsEscapedOnce() {
        let cells = ["a<b", "c&d"].map { "<td>\($0)</td>" as HTML }
        let row: HTML = "<tr>\(cells)</tr>"
        #expect(row.text == "<tr><td>a&lt;b</td><td>c&amp;d</td></tr>")
    }

    @Test func controlCharactersAreReplaced() {
        #expect(HTML.escaped("a\u{0}b\u{1b}[1m\nc") == "a\u{FFFD}b\u{FFFD}[1m\nc")
    }
}
