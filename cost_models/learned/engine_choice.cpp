// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/engine_choice.hpp"

#include <stdexcept>
#include <vector>

#include "cost_models/model_file/json_fields.hpp"
#include "engine/input/input_error.hpp"

namespace sotto::learned {
namespace {

constexpr std::string_view published_engine = "opencheetah-2022";
constexpr int published_local_threads = 4;
constexpr int most_threads = 256;
constexpr int least_bits = 8;
constexpr int most_bits = 44;

std::vector<std::string_view> usable_names() {
    std::vector<std::string_view> names;
    for (const protocol::EngineProfile& profile : protocol::profiles()) {
        if (profile.parameters().linear != protocol::LinearProtocol::unknown) {
            names.push_back(profile.name());
        }
    }
    return names;
}

}  // namespace

protocol::EngineProfile engine_profile(const model_file::EngineProfile& engine, std::string_view setting,
                                       const std::string& name) {
    const protocol::EngineProfile* const found = protocol::find_profile(engine.name);
    if (found == nullptr || found->parameters().linear == protocol::LinearProtocol::unknown) {
        const std::vector<std::string_view> names = usable_names();
        throw input::InputError({{name, 0, 0},
                                 "engine is not one whose programs can be counted",
                                 '\'' + engine.name + '\'',
                                 input::list_names(names),
                                 std::string(input::nearest_name(engine.name, names))});
    }
    protocol::EngineParameters parameters = found->parameters();
    parameters.threads = engine.name == published_engine && setting == "local" ? published_local_threads : 1;
    if (engine.parameters.is_object()) {
        const model_file::JsonFields fields(engine.parameters, name, "engine.parameters");
        if (engine.parameters.contains("threads")) {
            parameters.threads = static_cast<int>(fields.integer("threads", 1, most_threads));
        }
        if (engine.parameters.contains("bit_length")) {
            parameters.bit_length = static_cast<int>(fields.integer("bit_length", least_bits, most_bits));
        }
    }
    try {
        return found->with(parameters);
    } catch (const std::invalid_argument& error) {
        throw input::InputError({{name, 0, 0}, error.what(), {}, {}, {}});
    }
}

nlohmann::json engine_parameters(const protocol::EngineProfile& profile) {
    const protocol::EngineParameters& parameters = profile.parameters();
    return {{"bit_length", parameters.bit_length},
            {"polynomial_degree", parameters.polynomial_degree},
            {"threads", parameters.threads},
            {"transfers_per_refill", parameters.transfers_per_refill}};
}

}  // namespace sotto::learned
