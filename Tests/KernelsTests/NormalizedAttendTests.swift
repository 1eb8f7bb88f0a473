import Kernels
import Testing

extension Operations {
    /// Operations that normalise on the way compute what the same operations do on stored maps.
    @Suite struct NormalizingOnTheWay {
        @Test(arguments: backendsUnderTest, NormalizedAttendCase.all)
        func equalsStoredMaps(backend: BackendUnderTest, item: NormalizedAttendCase) {
            let operands = drawOperands(item, .normals)
            let made = backend.make()
            let found = disagreements(
                of: observe(item, operands, on: made), with: item.runOnStoredMaps(operands, on: backend.make()),
                .within(absolute: 1e-4, relative: 1e-4))
            #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
        }

        @Test(arguments: backendsToCompareWithReference, NormalizedAttendCase.all)
        func agreesWithTheReference(backend: BackendUnderTest, item: NormalizedAttendCase) {
            expectAgreement(item, of: backend, with: reference, .within(absolute: 1e-3, relative: 1e-4), .normals)
        }
    }
}
