// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/stage_shortfalls.hpp"

namespace sotto::tools {

StageShortfalls stage_shortfalls(const search::HalvingResult& result, std::size_t stage) {
    using Status = evaluate::Evaluation::Status;
    StageShortfalls shortfalls;
    const auto add = [&](const search::Finalist& finalist) {
        if (finalist.scores.size() <= stage) {
            return;
        }
        ++shortfalls.networks;
        const evaluate::Evaluation& score = finalist.scores[stage];
        shortfalls.unsupported += score.status == Status::unsupported ? 1 : 0;
        shortfalls.failed += score.status == Status::failed ? 1 : 0;
        if (score.status != Status::complete) {
            shortfalls.groups.add({evaluate::to_text(score.status), score.reason, to_text(finalist.hash)});
        }
    };
    if (result.baseline) {
        add(*result.baseline);
    }
    for (const search::Finalist& finalist : result.finalists) {
        add(finalist);
    }
    return shortfalls;
}

std::string shortfall_text(const search::HalvingResult& result, std::size_t stage) {
    const StageShortfalls shortfalls = stage_shortfalls(result, stage);
    if (shortfalls.empty()) {
        return {};
    }
    const ShortfallGroup first = shortfalls.groups.largest(1).front();
    return "stage " + std::to_string(stage + 1) + ": " + std::to_string(shortfalls.unsupported + shortfalls.failed) +
           " of " + std::to_string(shortfalls.networks) + " networks have no score (" +
           std::to_string(shortfalls.unsupported) + " unsupported, " + std::to_string(shortfalls.failed) +
           " failed), most often (" + std::to_string(first.count) + ") because: " + first.reason;
}

}  // namespace sotto::tools
