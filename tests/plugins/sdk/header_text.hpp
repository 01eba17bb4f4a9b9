// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

namespace sotto::tests {

/// The declarations of a copy of sotto/plugin.h, comments and spaces aside: enough of C for that header.
struct HeaderText {
    std::map<std::string, std::vector<std::string>> structs;  ///< name to members, in order, with their types
    std::map<std::string, std::string> constants;             ///< enumerators, name to value
    std::map<std::string, std::string> others;                ///< macros and typedefs, name to text
};

HeaderText read_header(const std::string& path);

}  // namespace sotto::tests
