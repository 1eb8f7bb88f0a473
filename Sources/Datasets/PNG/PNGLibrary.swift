import CSPNG

/// The version of the library that reads PNG, as in `0.7.3`.
public func pngLibraryVersion() -> String { String(cString: spng_version_string()) }
