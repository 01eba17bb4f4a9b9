// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/arch/network.hpp"

namespace sotto::pytorch {

/// Bytes of an identifier before what makes it unique.
inline constexpr std::size_t maximum_identifier_length = 56;

/// The name as a Python identifier: letters, digits and underscores stay, each run of other bytes becomes one
/// underscore (none at the end), `fallback_` stands before a digit or underscore at the beginning and the fallback
/// alone for a name without any letter or digit. What is longer than maximum_identifier_length is cut.
std::string to_identifier(std::string_view name, std::string_view fallback);

/// The identifier, with an underscore behind it where an attribute of a torch.nn.Module (of PyTorch 1.13 to 2.x) or a
/// keyword has the name.
std::string attribute_identifier(const std::string& identifier);

/// The identifier, with an underscore behind it where a keyword, a builtin function or a name that the written module
/// uses has the name.
std::string variable_identifier(const std::string& identifier);

/// Hands out each identifier once.
class UniqueIdentifiers {
  public:
    /// The identifier, with `_2`, `_3`, ... behind it where it was given before.
    std::string add(const std::string& identifier);

  private:
    std::unordered_map<std::string, std::size_t> given_;  // and how often it was asked for
};

/// The attribute of each layer, by its index: its name as an identifier. A layer whose name is one already has it;
/// others that would get the same are numbered. Every layer's is different.
std::vector<std::string> attribute_names(const arch::Network& network, UniqueIdentifiers& given);

}  // namespace sotto::pytorch
