/// What counts as a class in FGVC-Aircraft, from fine to coarse.
public enum AircraftLevel: String, CaseIterable, Codable, Sendable {
    /// As in 737-700.
    case variant
    /// As in Boeing 737.
    case family
    /// As in Boeing.
    case manufacturer

    /// The file that lists the classes.
    var classesFile: String {
        switch self {
        case .variant: "variants.txt"
        case .family: "families.txt"
        case .manufacturer: "manufacturers.txt"
        }
    }

    /// Classes of the complete data set.
    var officialClasses: Int {
        switch self {
        case .variant: 100
        case .family: 70
        case .manufacturer: 30
        }
    }
}
