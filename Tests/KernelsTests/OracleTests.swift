import Kernels
import Testing

extension Operations {
    /// Every result of every operation equals the oracle's where single precision is exact.
    @Suite struct OnIntegers {
        @Test(arguments: backendsUnderTest, ConvolutionCase.all + ConvolutionCase.ofImages)
        func convolutionIsExact(backend: BackendUnderTest, item: ConvolutionCase) {
            expectOracleResults(item, on: backend, .integers)
        }

        @Test(arguments: backendsUnderTest, BatchNormCase.all)
        func batchNormIsExact(backend: BackendUnderTest, item: BatchNormCase) {
            expectOracleResults(item, on: backend, .integers)
        }

        @Test(arguments: backendsUnderTest, ReluCase.all)
        func reluIsExact(backend: BackendUnderTest, item: ReluCase) {
            expectOracleResults(item, on: backend, .integers)
        }

        @Test(arguments: backendsUnderTest, AddCase.all)
        func additionIsExact(backend: BackendUnderTest, item: AddCase) {
            expectOracleResults(item, on: backend, .integers)
        }

        @Test(arguments: backendsUnderTest, MaxPoolCase.all)
        func maxPoolTakesTheFirstOfEqualMaxima(backend: BackendUnderTest, item: MaxPoolCase) {
            expectOracleResults(item, on: backend, .integers)
        }

        @Test(arguments: backendsUnderTest, GlobalAverageCase.all)
        func globalAverageIsExact(backend: BackendUnderTest, item: GlobalAverageCase) {
            expectOracleResults(item, on: backend, .integers)
        }

        @Test(arguments: backendsUnderTest, LinearCase.all)
        func linearIsExact(backend: BackendUnderTest, item: LinearCase) {
            expectOracleResults(item, on: backend, .integers)
        }

        @Test(arguments: backendsUnderTest, StatisticsCase.all)
        func attentionStatisticsTakeTheFirstOfEqualMaxima(backend: BackendUnderTest, item: StatisticsCase) {
            expectOracleResults(item, on: backend, .integers)
        }

        @Test(arguments: backendsUnderTest, AttendCase.all)
        func attendIsExact(backend: BackendUnderTest, item: AttendCase) {
            expectOracleResults(item, on: backend, .integers)
        }

        @Test(arguments: backendsUnderTest, ScaledStatisticsCase.all)
        func statisticsOfScaledMapsAreExact(backend: BackendUnderTest, item: ScaledStatisticsCase) {
            expectOracleResults(item, on: backend, .integers)
        }

        @Test(arguments: backendsUnderTest, ChannelConvolutionCase.all)
        func channelConvolutionIsExact(backend: BackendUnderTest, item: ChannelConvolutionCase) {
            expectOracleResults(item, on: backend, .integers)
        }

        @Test(arguments: backendsUnderTest, MapConvolutionCase.all)
        func mapConvolutionIsExact(backend: BackendUnderTest, item: MapConvolutionCase) {
            expectOracleResults(item, on: backend, .integers)
        }
    }

    /// And is within rounding of it elsewhere.
    @Suite struct OnNormalNumbers {
        @Test(arguments: backendsUnderTest, ConvolutionCase.all + ConvolutionCase.ofImages)
        func convolutionIsClose(backend: BackendUnderTest, item: ConvolutionCase) {
            expectOracleResults(item, on: backend, .normals)
        }

        @Test(arguments: backendsUnderTest, BatchNormCase.all)
        func batchNormIsClose(backend: BackendUnderTest, item: BatchNormCase) {
            expectOracleResults(item, on: backend, .normals)
        }

        @Test(arguments: backendsUnderTest, ReluCase.all)
        func reluIsClose(backend: BackendUnderTest, item: ReluCase) {
            expectOracleResults(item, on: backend, .normals)
        }

        @Test(arguments: backendsUnderTest, AddCase.all)
        func additionIsClose(backend: BackendUnderTest, item: AddCase) {
            expectOracleResults(item, on: backend, .normals)
        }

        @Test(arguments: backendsUnderTest, MaxPoolCase.all)
        func maxPoolIsClose(backend: BackendUnderTest, item: MaxPoolCase) {
            expectOracleResults(item, on: backend, .normals)
        }

        @Test(arguments: backendsUnderTest, GlobalAverageCase.all)
        func globalAverageIsClose(backend: BackendUnderTest, item: GlobalAverageCase) {
            expectOracleResults(item, on: backend, .normals)
        }

        @Test(arguments: backendsUnderTest, LinearCase.all)
        func linearIsClose(backend: BackendUnderTest, item: LinearCase) {
            expectOracleResults(item, on: backend, .normals)
        }

        @Test(arguments: backendsUnderTest, StatisticsCase.all)
        func attentionStatisticsAreClose(backend: BackendUnderTest, item: StatisticsCase) {
            expectOracleResults(item, on: backend, .normals)
        }

        @Test(arguments: backendsUnderTest, AttendCase.all)
        func attendIsClose(backend: BackendUnderTest, item: AttendCase) {
            expectOracleResults(item, on: backend, .normals)
        }

        @Test(arguments: backendsUnderTest, ScaledStatisticsCase.all)
        func statisticsOfScaledMapsAreClose(backend: BackendUnderTest, item: ScaledStatisticsCase) {
            expectOracleResults(item, on: backend, .normals)
        }

        @Test(arguments: backendsUnderTest, ChannelConvolutionCase.all)
        func channelConvolutionIsClose(backend: BackendUnderTest, item: ChannelConvolutionCase) {
            expectOracleResults(item, on: backend, .normals)
        }

        @Test(arguments: backendsUnderTest, MapConvolutionCase.all)
        func mapConvolutionIsClose(backend: BackendUnderTest, item: MapConvolutionCase) {
            expectOracleResults(item, on: backend, .normals)
        }
    }
}
