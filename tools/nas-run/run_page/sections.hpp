// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/nas-run/displayed_metric.hpp"
#include "tools/nas-run/run_page/page_data.hpp"
#include "tools/nas-run/run_page/run_page.hpp"
#include "tools/picture/markup.hpp"

namespace sotto::tools {

/// A member of the front as the page shows it.
struct ShownMember {
    std::size_t row = 0;  ///< of pareto.csv, from 1
    const search::Member* member = nullptr;
    std::string directory;  ///< `best/07`; empty: none
    bool is_shown = false;  ///< one by one, with its numbers
};

/// A page and what its sections share.
struct PageContent {
    const RunPage& page;
    const PageData& data;
    const std::vector<DisplayedMetric>& objectives;
    const std::vector<ShownMember>& front;  ///< in the order of pareto.csv
    std::size_t row_digits = 2;             ///< of the numbers in best/

    const Report& report() const noexcept { return page.report; }
    /// `07`, as best/07 is called.
    std::string row_text(std::size_t row) const;
};

/// What the run was, and the network to look at first.
void add_overview(picture::Markup& html, const PageContent& content);
/// The objectives of the front and of other networks; of one objective, the best over the evaluations.
void add_front_picture(picture::Markup& html, const PageContent& content);
/// What the stages found; nothing where none began.
void add_finalists(picture::Markup& html, const PageContent& content);
/// Of add_finalists, the baseline and the first `count` finalists: how their scores went from stage to stage, where
/// all stages rank by one metric, and the last scores beside the latency, where the search has one.
void add_finalists_pictures(picture::Markup& html, const PageContent& content, std::size_t count);
void add_front_table(picture::Markup& html, const PageContent& content);
/// Hypervolume, size of the front, operators.
void add_course(picture::Markup& html, const PageContent& content);
/// Why candidates have no score, in the search and in each stage; nothing where all have one.
void add_shortfalls(picture::Markup& html, const PageContent& content);
void add_configuration(picture::Markup& html, const PageContent& content);

/// The member of the front with this candidate's number; null where there is none.
const ShownMember* find_member(const PageContent& content, std::uint64_t id);
/// A mark of a picture with a text under the pointer, which leads to the member's directory where it has one.
/// `member` may be null.
void add_circle(picture::Markup& svg, const ShownMember* member, const char* css_class, double x, double y,
                const char* radius, const std::string& text);
/// A cell of a table: a network's name, which leads to its directory where it has one.
void add_network(picture::Markup& html, const std::string& name, const std::string& directory);

}  // namespace sotto::tools
