// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sotto::accuracy {

/// What a gzip file (RFC 1952, one member or several) holds. `name` is the file's, for errors. Throws
/// input::InputError where it is cut short, damaged, followed by anything else, or holds more than `most_bytes`.
std::string decompress_gzip(std::string_view bytes, const std::string& name, std::size_t most_bytes);

}  // namespace sotto::accuracy
