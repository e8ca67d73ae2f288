// Why a call of the system has failed. SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A failed call of the system: which one, and why.
struct SystemError: Error, CustomStringConvertible {
    /// The name of the call.
    let call: String
    /// The reason, one of the numbers in errno(3).
    var code = errno

    /// The call and the reason in words.
    var description: String { "\(call): \(String(cString: strerror(code)))" }
}
