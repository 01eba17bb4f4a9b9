// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sotto/plugin.h"

#include "engine/plugin/instance.hpp"

namespace sotto::plugin {

/// An instance whose code runs in this process. An exception that escapes is caught and named; a signal is not.
class LoadedInstance final : public Instance {
  public:
    /// Takes `instance`, which was checked to be complete, and destroys it at the end.
    LoadedInstance(sotto_instance* instance, Description description);
    ~LoadedInstance() override;

    void evaluate(std::span<const CandidateView* const> candidates, std::span<Score> scores) const override;
    std::vector<double> per_operation(const CandidateView& candidate) const override;
    std::vector<double> standard_deviations(const CandidateView& candidate) const override;

  private:
    template <typename Extension>
    const Extension* find_extension(const char* id) const;
    void call_extension(sotto_evaluate_batch evaluate_batch, const char* what, const CandidateView& candidate,
                        std::vector<double>& metrics, double* operation_values) const;
    bool evaluate_call(std::span<const CandidateView* const> candidates, std::span<Score> scores) const;
    void take_result(const sotto_result& result, const std::string& text, Score& score) const;

    sotto_instance* instance_;
};

}  // namespace sotto::plugin
