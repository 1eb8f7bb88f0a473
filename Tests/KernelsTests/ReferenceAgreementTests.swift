import Kernels
import Testing

extension Operations {
    /// At the sizes of real networks, every backend computes what the reference does.
    @Suite struct AgreementWithReference {
        @Test(arguments: backendsToCompareWithReference, ConvolutionCase.large)
        func convolutionEqualsTheReferenceOnIntegers(backend: BackendUnderTest, item: ConvolutionCase) {
            expectAgreement(item, of: backend, with: reference, .exact, .integers)
        }

        @Test(arguments: backendsToCompareWithReference, ConvolutionCase.large)
        func convolutionAgrees(backend: BackendUnderTest, item: ConvolutionCase) {
            // Filter gradients are sums of 6272 products of normals, about 80 in size at their largest partial sums, added
            // one after the other: each addition rounds by 80 · 2^-24, which makes 4e-4 after so many random steps.
            expectAgreement(item, of: backend, with: reference, .within(absolute: 1e-3, relative: 1e-4), .normals)
        }

        @Test(arguments: backendsToCompareWithReference, InferenceConvolutionCase.all)
        func convolutionAndNormAsOneAgree(backend: BackendUnderTest, item: InferenceConvolutionCase) {
            expectAgreement(item, of: backend, with: reference, .within(absolute: 1e-4, relative: 1e-4), .normals)
        }

        @Test(arguments: backendsToCompareWithReference, BatchNormCase.large)
        func batchNormAgrees(backend: BackendUnderTest, item: BatchNormCase) {
            // Sums of 12544 terms.
            expectAgreement(item, of: backend, with: reference, .within(absolute: 1e-3, relative: 1e-4), .normals)
        }

        @Test(arguments: backendsToCompareWithReference, MaxPoolCase.large)
        func maxPoolEqualsTheReferenceOnIntegers(backend: BackendUnderTest, item: MaxPoolCase) {
            expectAgreement(item, of: backend, with: reference, .exact, .integers)
        }

        @Test(arguments: backendsToCompareWithReference, LinearCase.large)
        func linearEqualsTheReferenceOnIntegers(backend: BackendUnderTest, item: LinearCase) {
            expectAgreement(item, of: backend, with: reference, .exact, .integers)
        }

        @Test(arguments: backendsToCompareWithReference, StatisticsCase.large)
        func attentionStatisticsEqualTheReferenceOnIntegers(backend: BackendUnderTest, item: StatisticsCase) {
            expectAgreement(item, of: backend, with: reference, .exact, .integers)
        }

        @Test(arguments: backendsToCompareWithReference, AttendCase.large)
        func attendEqualsTheReferenceOnIntegers(backend: BackendUnderTest, item: AttendCase) {
            expectAgreement(item, of: backend, with: reference, .exact, .integers)
        }

        @Test(arguments: backendsToCompareWithReference, AttendCase.large)
        func attendAgrees(backend: BackendUnderTest, item: AttendCase) {
            expectAgreement(item, of: backend, with: reference, .within(absolute: 1e-3, relative: 1e-4), .normals)
        }
    }
}
