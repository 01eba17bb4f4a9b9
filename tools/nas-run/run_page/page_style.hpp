// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace sotto::tools {

/// How the page of a run looks, on paper, in the light and in the dark. CSS without `<` and `&`.
extern const std::string_view page_style;

/// What the page does beyond being read: tables with the class `sortable` are sorted by a click on a head, and what
/// has the same `data-member` is shown together. JavaScript without `<` and `&`.
extern const std::string_view page_script;

}  // namespace sotto::tools
