/// Colours of runs, by number; more runs than colours begin anew. The style sheet has them for light and dark: each tells
/// from the others also with the common kinds of colour blindness, and has a contrast of 3 to 1 at least.
enum Palette {
    static let count = 8

    /// A dot in the colour of a run.
    static func chip(_ run: Int) -> HTML { "<i class=\"chip \(name(run))\"></i>" }

    /// What the style sheet calls the colour of a run.
    static func name(_ run: Int) -> String { "run-\(run % count)" }
}
