// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/proxy_report/correlations.hpp"
#include "tools/nas-predict/candidate_list.hpp"

namespace sotto::proxy_report {

/// The space whose members these accuracies are of.
inline constexpr const char* nasbench201_space = SOTTO_SOURCE_DIRECTORY "/configs/nasbench201_space.yaml";

/// The measured values of the members: a column for each of `labels`, in the order of the members. Throws
/// input::InputError for a column or a member that the table does not have.
std::vector<LabelColumn> measured_labels(const std::string& table, const tools::CandidateList& members);

/// Members whose networks were trained for longer, and both of their labels.
struct LongTrained {
    tools::CandidateList members;
    std::vector<LabelColumn> labels;
    std::size_t left_out = 0;  ///< cells in which nothing leads to the output
};

/// `lists` are those of nasbench201::read_trained_cells; not empty.
LongTrained read_long_trained(const std::vector<std::string>& lists, const std::string& table);

}  // namespace sotto::proxy_report
