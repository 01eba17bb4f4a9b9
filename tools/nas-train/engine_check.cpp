// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-train/engine_check.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <map>

#include "cost_models/protocol/coefficients.hpp"
#include "cost_models/protocol/engine_profile.hpp"
#include "cost_models/protocol/program_walk.hpp"

namespace sotto::tools {
namespace {

// How far counted bytes are from measured ones: the sum over layer types of what they differ by, relative to what was
// measured. Over all types differences cancel: an engine has dear truncations, another dear normalisations. NaN without
// operations whose bytes were measured and can be counted.
double misfit(const std::vector<training::MeasurementTable>& tables, const protocol::EngineProfile& engine) {
    std::map<std::int32_t, double> difference;
    double measured = 0;
    for (const training::MeasurementTable& table : tables) {
        for (const training::Execution& execution : table.executions) {
            protocol::WalkState state(engine);
            for (std::size_t i = 0; i < execution.operations.size(); ++i) {
                const training::MeasuredOperation& row = execution.operations[i];
                const std::int32_t next =
                    i + 1 < execution.operations.size() ? execution.operations[i + 1].operation.kind : 0;
                const double bytes = row.client_sent_bytes + row.server_sent_bytes;
                protocol::Step step;
                if (protocol::is_well_formed(row.operation) &&
                    protocol::walk(engine, protocol::Coupling::separated, row.operation, next, state, step) &&
                    !std::isnan(bytes)) {
                    difference[row.operation.kind] += step.client_sent_bytes + step.server_sent_bytes - bytes;
                    measured += bytes;
                }
            }
        }
    }
    double sum = 0;
    for (const auto& [kind, off] : difference) {
        sum += std::fabs(off);
    }
    return sum / measured;
}

std::string percent(double share) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f %%", 100 * share);
    return text.data();
}

}  // namespace

std::vector<std::string> trainable_engines() {
    std::vector<std::string> names;
    for (const protocol::EngineProfile& profile : protocol::profiles()) {
        if (profile.parameters().linear != protocol::LinearProtocol::unknown) {
            names.emplace_back(profile.name());
        }
    }
    return names;
}

std::optional<std::string> engine_doubt(const std::vector<training::MeasurementTable>& tables,
                                        const model_file::EngineProfile& engine, const std::string& setting) {
    constexpr double tolerated = 0.15;
    const protocol::EngineProfile stated = protocol::engine_of(engine, setting, {});
    const double off = misfit(tables, stated);
    if (!(off > tolerated)) {  // NaN as well
        return std::nullopt;
    }
    std::string nearest;
    double least = off;
    for (const std::string& name : trainable_engines()) {
        const double other = misfit(tables, protocol::engine_of({name, nlohmann::json::object()}, setting, {}));
        if (name != engine.name && other < least) {
            least = other;
            nearest = name;
        }
    }
    return "the bytes of the table are not those of " + engine.name + " with " +
           std::to_string(stated.parameters().bit_length) + " bits, by layer type " + percent(off) + " off: " +
           (nearest.empty() ? "is it the engine that was measured, at this bit length?"
                            : nearest + " fits better (" + percent(least) + "), is it the engine that was measured?");
}

}  // namespace sotto::tools
