// Feeds damaged files to everything that reads files from elsewhere. Whatever such a file holds, it is read or refused with
// an error: a crash, an input that takes too long and one that takes too much memory end this program by a signal. A long
// run is many times faster with TMPDIR=/dev/shm: file systems on disks write a truncated file out at once.

import Foundation

do {
    let options = try FuzzOptions(CommandLine.arguments.dropFirst())
    try limitResources()
    print(try fuzz(options))
} catch let error as FuzzOptions.Mistake {
    print("\(error)\n\(FuzzOptions.usage)")
    exit(64)
}

/// Memory for the largest image that is decoded and what the codec needs beside it.
func limitResources() throws {
    var memory = rlimit(rlim_cur: 4 << 30, rlim_max: 4 << 30)
    guard setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &memory) == 0 else { throw FuzzError("no memory limit") }
    // A core of gigabytes helps nobody: the input is at hand.
    var core = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core)
}
