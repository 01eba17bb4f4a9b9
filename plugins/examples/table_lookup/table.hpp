// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace table_lookup {

/// One number for each network: a column of a table.
///
/// The table is comma-separated text without quotes, lines ending in LF or CR LF. Its first line names the columns:
/// `network` (network_key, sixteen hexadecimal digits), the one that is looked up, and any others, which are not read.
/// Immutable: lookups from any thread.
class Table {
  public:
    /// Throws sotto::sdk::InvalidArgument: file, line, what was found and what was expected.
    static Table read(const std::string& path, const std::string& column);
    static Table parse(std::string_view text, const std::string& file_name, const std::string& column);

    /// Nothing where the network is not in the table.
    std::optional<double> find(std::uint64_t key) const;
    std::size_t size() const noexcept { return values_.size(); }

  private:
    std::unordered_map<std::uint64_t, double> values_;
};

}  // namespace table_lookup
