import Foundation

/// The system's own words for a failure of Foundation's file functions, whose descriptions leave them out.
func systemReason(of error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    return underlying.map { String(cString: strerror(Int32($0.code))) } ?? error.localizedDescription
}
