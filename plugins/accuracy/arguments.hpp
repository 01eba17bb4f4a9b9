// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "sotto/plugin.h"

namespace sotto::accuracy {

/// The parameters of one plug-in as configured: each is among those it declares, of its type and within its range, and
/// those that the configuration leaves out have their defaults.
class Arguments {
  public:
    /// Throws CandidateError with SOTTO_INVALID_ARGUMENT, which names the parameter, what was found and what expected.
    Arguments(const sotto_descriptor& descriptor, const std::map<std::string, std::string>& given);

    /// The value of a parameter that is declared, of its declared type.
    std::int64_t integer(std::string_view name) const;
    double number(std::string_view name) const;
    bool boolean(std::string_view name) const;
    const std::string& text(std::string_view name) const;

  private:
    std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace sotto::accuracy
