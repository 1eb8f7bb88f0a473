import Planning
import Testing

@Suite struct QuantityTests {
    @Test func ratesAreAsTcWritesThem() {
        #expect(Quantity.rate("10gbit") == 1e10)
        #expect(Quantity.rate("100mbit") == 1e8)
        #expect(Quantity.rate("2.5 Gbit/s") == 2.5e9)
        #expect(Quantity.rate("12.5GB/s") == 1e11)
        #expect(Quantity.rate("64kbit") == 64e3)
    }

    @Test(arguments: ["", "10", "gbit", "fast", "10 gbitt", "-1gbit", "0mbit", "1.2.3gbit", "10bit", "10mbps"])
    func whatIsNoRateIsRefused(text: String) { #expect(Quantity.rate(text) == nil) }

    @Test func timesHaveUnits() {
        #expect(Quantity.time("50us") == 50 * 1e-6)
        #expect(Quantity.time("0.1ms") == 0.1 * 1e-3)
        #expect(Quantity.time("2 ns") == 2 * 1e-9)
        #expect(Quantity.time("0s") == 0)
    }

    @Test(arguments: ["", "50", "us", "-1ms", "1 minute", "1e3s"])
    func whatIsNoTimeIsRefused(text: String) { #expect(Quantity.time(text) == nil) }
}
