// SPDX-License-Identifier: Apache-2.0
#include "engine/evaluate/evaluation.hpp"

#include <algorithm>
#include <array>

namespace sotto::evaluate {
namespace {

constexpr std::array<std::string_view, 6> status_names = {"complete", "constrained", "unsupported",
                                                          "failed",   "cancelled",   "rejected"};

}  // namespace

std::string_view to_text(Evaluation::Status status) {
    return status_names.at(static_cast<std::size_t>(status));
}

std::optional<Evaluation::Status> parse_status(std::string_view text) {
    const auto* const found = std::find(status_names.begin(), status_names.end(), text);
    if (found == status_names.end()) {
        return std::nullopt;
    }
    return static_cast<Evaluation::Status>(found - status_names.begin());
}

}  // namespace sotto::evaluate
