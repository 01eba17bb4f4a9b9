// SPDX-License-Identifier: Apache-2.0
// The cost models with memory as a search uses them: generations of mutants through the pipeline get the results that
// each network gets alone from a plug-in that has seen nothing.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cost_models/protocol/protocol_plugin.hpp"
#include "engine/evaluate/pipeline.hpp"
#include "engine/random/random.hpp"
#include "engine/secure/lowering.hpp"
#include "search/space/space.hpp"
#include "tests/cost_models/learned/costly_plugin.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;

namespace {

using Values = std::vector<double>;

// Children of children of SqueezeNet.
std::vector<arch::Network> mutants(std::size_t count) {
    const search::Space space = search::Space::load_file(SOTTO_SOURCE_DIRECTORY "/configs/squeezenet_space.yaml");
    search::Space::Decoder decoder(space);
    search::Rejection rejection;
    std::vector<search::Genome> genomes{space.baseline().value()};
    std::vector<arch::Network> networks;
    for (std::uint32_t i = 0; networks.size() < count; ++i) {
        random::Stream stream(9, 0, i, random::Purpose::mutation);
        genomes.push_back(space.mutate(genomes[i / 3], stream));
        if (const arch::Network* const network = decoder.decode(genomes.back(), rejection)) {
            networks.push_back(*network);
        }
    }
    return networks;
}

void add_plug_ins(plugin::Registry& registry, bool costly) {
    registry.add_built_in(protocol::protocol_plugin_entry(), "protocol");
    registry.add_built_in(costly ? sample::costly_learned_plugin_entry() : sample::learned_plugin_entry(), "learned");
}

Values alone(const std::string& model, const arch::Network& network) {
    plugin::Registry registry({});
    add_plug_ins(registry, false);
    const auto instance = registry.create(plugin::Kind::cost_model, model, {});
    secure::SecureProgram program;
    REQUIRE_FALSE(secure::Lowering().lower(network, program));
    plugin::CandidateView view;
    view.set(1, nullptr, &program);
    const plugin::CandidateView* const one = &view;
    plugin::Score score;
    instance->evaluate({&one, 1}, {&score, 1});
    INFO(score.reason);
    REQUIRE(score.status == plugin::Score::Status::ok);
    return score.metrics;
}

std::vector<Values> searched(const std::string& model, const std::vector<arch::Network>& networks, bool costly,
                             std::size_t threads, std::size_t generation, std::size_t batch_size) {
    plugin::Registry registry({});
    add_plug_ins(registry, costly);
    evaluate::PipelineOptions options;
    options.threads = threads;
    options.batch_size = batch_size;
    options.stages.push_back({plugin::Kind::cost_model, model, {}, {}});
    evaluate::Pipeline pipeline(registry, options);
    const std::size_t first = pipeline.metrics().size() - (model == "protocol" ? 6 : 3);
    std::vector<Values> found;
    for (std::size_t begin = 0; begin < networks.size(); begin += generation) {
        const evaluate::Source source = [&](std::size_t index, std::size_t, std::string&) {
            return &networks[begin + index];
        };
        for (const evaluate::Evaluation& evaluation :
             pipeline.evaluate(std::min(generation, networks.size() - begin), source).evaluations) {
            INFO(evaluation.reason);
            REQUIRE(evaluation.status == evaluate::Evaluation::Status::complete);
            found.emplace_back(evaluation.metrics.begin() + static_cast<std::ptrdiff_t>(first),
                               evaluation.metrics.end());
        }
    }
    return found;
}

}  // namespace

TEST_CASE("what cost models remember within a search changes no result") {
    const std::vector<arch::Network> networks = mutants(150);
    for (const char* const model : {"protocol", "mlp", "lstm"}) {
        std::vector<Values> expected;
        for (const arch::Network& network : networks) {
            expected.push_back(alone(model, network));
        }
        INFO(model);
        CHECK(searched(model, networks, false, 1, 150, 128) == expected);
        CHECK(searched(model, networks, false, 4, 50, 128) == expected);
        CHECK(searched(model, networks, false, 2, 31, 3) == expected);
        if (std::string(model) != "protocol") {
            CHECK(searched(model, networks, true, 1, 150, 128) == expected);
            CHECK(searched(model, networks, true, 4, 50, 128) == expected);
        }
    }
}
