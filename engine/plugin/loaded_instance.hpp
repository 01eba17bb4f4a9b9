// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sotto/plugin.h"

#include "engine/plugin/instance.hpp"
#include "engine/plugin/prefix_states.hpp"

namespace sotto::plugin {

/// An instance whose code runs in this process. An exception that escapes is caught and named; a signal is not.
///
/// A costly, deterministic plug-in that offers sotto.incremental scores a candidate that comes alone from what it kept
/// of the one before that shares most with it. Several candidates at once go to it as a batch: what they have in common
/// is then for the plug-in to see, which is quicker by far where it is cheap (docs/cost_models.md, bench).
class LoadedInstance final : public Instance {
  public:
    /// Takes `instance`, which was checked to be complete, and destroys it at the end. Throws PluginError for an
    /// extension that it would use and cannot.
    LoadedInstance(sotto_instance* instance, Description description);
    ~LoadedInstance() override;

    void evaluate(std::span<const CandidateView* const> candidates, std::span<Score> scores) const override;
    std::vector<double> per_operation(const CandidateView& candidate) const override;
    std::vector<double> standard_deviations(const CandidateView& candidate) const override;

    /// As Registry::offered_extensions.
    std::vector<std::string> offered_extensions() const;

  private:
    /// Null where the plug-in does not have it.
    const void* ask_for_extension(const char* id) const;
    /// functions: members of the extension that must be there.
    template <typename Extension, typename... Functions>
    const Extension* find_extension(const char* id, Functions... functions) const;
    void call_extension(sotto_evaluate_batch evaluate_batch, const char* what, const CandidateView& candidate,
                        std::vector<double>& metrics, double* operation_values) const;
    /// evaluate_batch or what stands for it.
    using Call = std::function<sotto_status(const sotto_candidate* const* candidates, sotto_result* const* results,
                                            std::uint32_t count, const sotto_error_sink* error)>;
    bool evaluate_call(std::span<const CandidateView* const> candidates, std::span<Score> scores,
                       const Call& call) const;
    void evaluate_from_parent(const CandidateView& candidate, Score& score) const;
    void take_result(const sotto_result& result, const std::string& text, Score& score) const;

    sotto_instance* instance_;
    std::unique_ptr<PrefixStates> prefix_states_;  // null: not used
};

}  // namespace sotto::plugin
