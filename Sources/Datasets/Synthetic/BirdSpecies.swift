import Tensors

/// What tells one made-up species from another: small marks on a body that all share.
struct BirdSpecies: Hashable {
    /// Length of the beak, in heads.
    let beakLength: Double
    let beakColor: Int
    let crownColor: Int
    /// Bars across the wing, 0 to 2.
    let wingBars: Int
    let barColor: Int
    /// Spots on the breast, in rows of three.
    let spotRows: Int
    let hasEyeRing: Bool

    /// Colours of marks, far enough apart to survive any lighting.
    static let palette: [(name: String, color: Color)] = [
        ("Scarlet", Color(0.85, 0.12, 0.10)), ("Golden", Color(0.95, 0.78, 0.12)), ("Azure", Color(0.15, 0.35, 0.85)),
        ("Pale", Color(0.95, 0.95, 0.92)), ("Sable", Color(0.08, 0.07, 0.08)), ("Olive", Color(0.35, 0.55, 0.15)),
    ]

    private static let beakLengths = [0.55, 1.0, 1.6]

    /// Number of species that differ in at least one mark.
    static let count = palette.count * palette.count * beakLengths.count * 3 * 3 * 2

    /// `classes` different species; which ones depends on the generator.
    static func choose(_ classes: Int, using generator: inout RandomGenerator) -> [BirdSpecies] {
        precondition(classes <= count, "there are \(count) species, not \(classes)")
        return generator.permutation(count).prefix(classes).map(BirdSpecies.init(number:))
    }

    /// Species 0 ..< count: the marks are the digits of the number.
    private init(number: Int) {
        var rest = number
        func digit(_ base: Int) -> Int {
            defer { rest /= base }
            return rest % base
        }
        crownColor = digit(Self.palette.count)
        beakColor = digit(Self.palette.count)
        beakLength = Self.beakLengths[digit(Self.beakLengths.count)]
        wingBars = digit(3)
        spotRows = digit(3)
        hasEyeRing = digit(2) == 1
        barColor = (crownColor + beakColor + 3) % Self.palette.count
    }

    /// As CUB names classes, without the number: `Golden_Crowned_Two_Barred_Olive_Billed_Spotted_Finch`. No two species
    /// share one.
    var name: String {
        let breast = ["", "Spotted_", "Speckled_"][spotRows] + (hasEyeRing ? "Ringed_" : "")
        let (crown, beak) = (Self.palette[crownColor].name, Self.palette[beakColor].name)
        return "\(crown)_Crowned_\(wings)_\(beak)_Billed_\(breast)\(form)"
    }

    /// The part of the name that the wing bars give.
    var wings: String { ["Plain_Winged", "One_Barred", "Two_Barred"][wingBars] }

    /// The part of the name that the beak gives.
    var form: String { beakLength < 0.8 ? "Finch" : beakLength < 1.3 ? "Thrush" : "Creeper" }
}
