// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/run_page/shortfall_groups.hpp"

#include <algorithm>
#include <tuple>

#include "tools/picture/markup.hpp"

namespace sotto::tools {
namespace {

// A plug-in may give any text: of more different ones than this, the later are only counted in the totals.
constexpr std::size_t most_groups = 1000;
constexpr std::size_t longest_reason = 400;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The text with `#` for each number, `4,012` and `0.25` included.
std::string form_of(std::string_view reason) {
    std::string form;
    for (std::size_t i = 0; i < reason.size() && form.size() < longest_reason; ++i) {
        if (!is_digit(reason[i])) {
            form += reason[i];
            continue;
        }
        form += '#';
        const auto goes_on = [&](std::size_t at) {
            return at < reason.size() && (is_digit(reason[at]) || ((reason[at] == '.' || reason[at] == ',') &&
                                                                   at + 1 < reason.size() && is_digit(reason[at + 1])));
        };
        while (goes_on(i + 1)) {
            ++i;
        }
    }
    return form;
}

}  // namespace

void ShortfallGroups::add(const run::StoredShortfall& shortfall) {
    ++totals_[std::string(shortfall.status)];
    std::pair<std::string, std::string> form{shortfall.status, form_of(shortfall.reason)};
    auto found = groups_.find(form);
    if (found == groups_.end()) {
        if (groups_.size() == most_groups) {
            return;
        }
        ShortfallGroup group{std::string(shortfall.status), 0, picture::shortened(shortfall.reason, longest_reason),
                             std::string(shortfall.key)};
        found = groups_.emplace(std::move(form), std::move(group)).first;
    }
    ++found->second.count;
}

std::vector<ShortfallGroup> ShortfallGroups::largest(std::size_t most) const {
    std::vector<ShortfallGroup> groups;
    groups.reserve(groups_.size());
    for (const auto& [form, group] : groups_) {
        groups.push_back(group);
    }
    std::sort(groups.begin(), groups.end(), [](const ShortfallGroup& a, const ShortfallGroup& b) {
        return std::tie(b.count, a.status, a.reason) < std::tie(a.count, b.status, b.reason);
    });
    groups.resize(std::min(groups.size(), most));
    return groups;
}

}  // namespace sotto::tools
