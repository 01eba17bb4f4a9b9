// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "sotto/plugin.h"

#include "plugins/accuracy/evaluator.hpp"

namespace sotto::accuracy {

struct PlugIn {
    sotto_descriptor descriptor;
    MakeEvaluator make;
};

/// Every plug-in of this library, the default first. Constant.
std::span<const PlugIn> plug_ins();

/// Throws CandidateError with SOTTO_INVALID_ARGUMENT, which names the known ones, for an unknown id.
const PlugIn& find_plug_in(std::string_view id);

/// The evaluator of plug-in `id` with these parameters, defaults for all else. Throws CandidateError.
std::unique_ptr<Evaluator> make_evaluator(std::string_view id, const std::map<std::string, std::string>& parameters,
                                          const sotto_host* host);

}  // namespace sotto::accuracy
