// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "sotto/plugin.h"

namespace table_lookup {

/// What a table calls a network: 64 bits that depend on its graph alone. Equal for the same layers in any topological
/// order and for any order of the operands of an addition; different otherwise, but for a chance of 2^-64 and for
/// graphs that hold the same layers in the same surroundings. How a batch normalisation is executed is not part of it.
///
/// Throws sotto::sdk::Unsupported for a layer or activation that plugin.h of this build does not know. Any thread.
std::uint64_t network_key(const sotto_network& network);

/// Sixteen lower-case hexadecimal digits.
std::string key_text(std::uint64_t key);

}  // namespace table_lookup
