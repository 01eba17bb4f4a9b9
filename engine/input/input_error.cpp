// SPDX-License-Identifier: Apache-2.0
#include "engine/input/input_error.hpp"

#include <algorithm>
#include <vector>

namespace sotto::input {
namespace {

constexpr std::size_t longest_name = 256;
constexpr std::size_t longest_found = 240;

// Whole characters of what may be a file's worth of text.
std::string shortened(const std::string& found) {
    if (found.size() <= longest_found) {
        return found;
    }
    std::size_t end = longest_found;
    while (end > 0 && (static_cast<unsigned char>(found[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return found.substr(0, end) + "... (" + std::to_string(found.size()) + " bytes)";
}

std::string message(const InputError::Parts& parts) {
    std::string text = parts.location.file;
    if (parts.location.line > 0) {
        text += ':' + std::to_string(parts.location.line);
        if (parts.location.column > 0) {
            text += ':' + std::to_string(parts.location.column);
        }
    }
    if (!text.empty()) {
        text += ": ";
    }
    text += parts.problem;
    if (!parts.found.empty()) {
        text += ": found " + shortened(parts.found);
    }
    if (!parts.expected.empty()) {
        text += (parts.found.empty() ? ": expected " : ", expected ") + parts.expected;
    }
    if (!parts.nearest.empty()) {
        text += "; did you mean '" + parts.nearest + "'?";
    }
    return text;
}

// Damerau-Levenshtein distance in its optimal string alignment form.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    const std::size_t width = b.size() + 1;
    std::vector<std::size_t> before_previous(width);
    std::vector<std::size_t> previous(width);
    std::vector<std::size_t> current(width);
    for (std::size_t j = 0; j < width; ++j) {
        previous[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                current[j] = std::min(current[j], before_previous[j - 2] + 1);
            }
        }
        std::swap(before_previous, previous);
        std::swap(previous, current);
    }
    return previous[b.size()];
}

}  // namespace

InputError::InputError(Parts parts) : std::runtime_error(message(parts)), parts_(std::move(parts)) {}

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates) {
    std::string_view nearest;
    std::size_t least = name.size() + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t longer = std::max(name.size(), candidate.size());
        const std::size_t allowed = std::max<std::size_t>(1, longer / 3);
        // The distance takes the product of both lengths, and is at least their difference.
        if (longer > longest_name || longer - std::min(name.size(), candidate.size()) > allowed) {
            continue;
        }
        const std::size_t distance = edit_distance(name, candidate);
        if (distance < least && distance <= allowed) {
            least = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

std::string list_names(std::span<const std::string_view> names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) {
            text += i + 1 == names.size() ? " or " : ", ";
        }
        text += '\'';
        text += names[i];
        text += '\'';
    }
    return text;
}

}  // namespace sotto::input
