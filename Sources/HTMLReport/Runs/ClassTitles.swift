/// Names of classes as people read them: without the number that CUB-200-2011's begin with, and with spaces for
/// underscores, as long as that leaves all of them different.
package struct ClassTitles {
    package let titles: [String]

    package init(_ names: [String]) {
        let areNumbered = names.allSatisfy { name in
            let number = name.prefix { $0.isASCII && $0.isNumber }
            return !number.isEmpty && name.dropFirst(number.count).hasPrefix(".") && name.count > number.count + 1
        }
        let titles = names.map { name -> String in
            let bare = areNumbered ? name.drop { $0 != "." }.dropFirst() : Substring(name)
            return String(bare.replacing("_", with: " "))
        }
        self.titles = Set(titles).count == Set(names).count ? titles : names
    }

    subscript(_ label: Int) -> String { titles[label] }
}
