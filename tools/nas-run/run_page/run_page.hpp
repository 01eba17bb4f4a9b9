// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/run/store.hpp"
#include "tools/nas-run/report.hpp"

namespace sotto::tools {

/// The file of a run directory that holds its page.
inline constexpr const char* run_page_file = "report.html";

/// Members of the front that the page shows one by one, at most.
inline constexpr std::size_t most_shown_members = 200;

/// What the page of a run is made of.
struct RunPage {
    const Report& report;
    const run::Store& store;
    std::string configuration;  ///< name of the file without its ending; empty: not known
    const std::map<std::string, std::string>& versions;
    const std::vector<std::uint64_t>& rows;  ///< the front's members in the order of pareto.csv
    std::set<std::uint64_t> shown;           ///< those to show one by one, most_shown_members at most
    std::string fault;                       ///< what stopped the run, where something did
};

/// The page of a run for the person who chooses a network of it: one HTML file that needs nothing else, under 2 MB for
/// any run. But for one line, that of class `circumstances` (the configuration's name, times), it is a function of the
/// configuration. Throws run::RunError where the store cannot be read.
std::string to_html(const RunPage& page);

}  // namespace sotto::tools
