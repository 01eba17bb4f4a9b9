// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/run_summary.hpp"

#include <string>

namespace sotto::tools {

void log_summary(spdlog::logger& log, const Report& report) {
    const search::LoopResult& result = report.result;
    log.info("{} candidates, {} distinct networks, {} on the front, hypervolume {:.6g}, {:.1f} s", result.evaluations,
             result.distinct, result.front.size(), result.hypervolume, report.seconds);
    log.info("{} cache hits, {} gave no network, {} broke a constraint, {} unsupported, {} failed",
             result.tally.cache_hits, result.tally.rejected, result.tally.constrained, result.tally.unsupported,
             result.tally.failed);
    std::string work = "evaluated now: " + std::to_string(result.computed) + " networks";
    for (const search::StageWork& stage : result.stages) {
        work += ", " + std::to_string(stage.candidates) + " by " + stage.id;
    }
    for (std::size_t i = 0; report.halving != nullptr && i < report.halving->computed.size(); ++i) {
        work += ", " + std::to_string(report.halving->computed[i]) + " in stage " + std::to_string(i + 1);
    }
    log.info("{}", work);
    if (2 * result.tally.unsupported > result.evaluations) {
        log.warn(
            "more than half of the candidates are unsupported, the first because of: {}; take what causes it out "
            "of the space's choices, or use another cost model, engine or proxy",
            result.tally.first_unsupported);
    }
    if (result.front.empty() && result.tally.constrained > 0) {
        log.warn(
            "no candidate keeps every limit under 'constraints': run.db says which ones they break, and by how much");
    }
    if (report.best.size() < result.front.size()) {
        log.info(
            "best/ and the table hold {} of the {} on the front, spread evenly; pareto.csv has all, and "
            "--resume {} --best N writes more",
            report.best.size(), result.front.size(), report.run_directory);
    }
    if (result.ending == search::Ending::space_exhausted) {
        log.info("the space is exhausted: every candidate that could be found was tried, {} of the {} asked for",
                 result.evaluations, report.configuration.search.evaluations);
    }
    if (const search::Member* fastest = fastest_at_no_loss(report)) {
        log.info("fastest on the front that is no worse than the baseline otherwise: {:.2f} times faster",
                 *speed_up(report, *fastest));
    }
}

}  // namespace sotto::tools
