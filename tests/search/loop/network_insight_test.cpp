// SPDX-License-Identifier: Apache-2.0
// What the search knows of a network before it is evaluated, compared with the protocol model's counts, and what aimed
// changes do to real networks.
#include "search/loop/network_insight.hpp"

#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "cost_models/protocol/operation_counts.hpp"
#include "engine/arch/counts.hpp"
#include "engine/arch/network_yaml.hpp"
#include "engine/plugin/instance.hpp"
#include "engine/secure/lowering.hpp"
#include "search/strategy/aimed_changes.hpp"
#include "tests/support/catch.hpp"

namespace sotto::search {
namespace {

const std::string configs = SOTTO_SOURCE_DIRECTORY "/configs/";

NetworkInsight without_costs(const Space& space) {
    return {space, "athos-cheetah", nullptr, 0, {}};
}

// One search, remembered at once.
std::optional<AimedChanges::Child> find(AimedChanges& changes, Aim aim, Origin& origin, random::Stream& stream) {
    std::vector<AimedChanges::Trial> trials;
    changes.prepare(origin);
    changes.price(origin);
    std::optional<AimedChanges::Child> child = changes.find(aim, origin, stream, trials);
    changes.remember(trials);
    return child;
}

TEST_CASE("ciphertexts of linear operations are those that the protocol model counts") {
    // The protocol model's counts were compared with measured bytes; the search has its own short form of them.
    const protocol::EngineProfile* const profile = protocol::find_profile("opencheetah-2022");
    REQUIRE(profile != nullptr);
    std::size_t compared = 0;
    for (const char* const name : {"squeezenet", "resnet18", "resnet50", "densenet121"}) {
        const arch::Network network = arch::read_network_file(configs + "networks/" + name + ".yaml");
        secure::SecureProgram program;
        REQUIRE_FALSE(secure::Lowering().lower(network, program));
        plugin::CandidateView view;
        view.set(0, nullptr, &program);
        for (std::size_t i = 0; i < program.operations.size(); ++i) {
            const secure::Operation& operation = program.operations[i];
            if (operation.kind != secure::OperationKind::convolution &&
                operation.kind != secure::OperationKind::fully_connected) {
                continue;
            }
            INFO(name << ", operation " << i + 1);
            const PackedCiphertexts packed = packed_ciphertexts(operation);
            protocol::OperationCounts counts;
            REQUIRE(protocol::count(*profile, view.view().program->operations[i], counts));
            CHECK(packed.in == counts.input_ciphertexts);
            CHECK(packed.out == counts.output_ciphertexts);
            CHECK(packed.products == counts.scalar_products + counts.polynomial_products);
            ++compared;
        }
    }
    CHECK(compared > 200);
}

TEST_CASE("the workload of the measured SqueezeNet is what its layers add up to") {
    const Space space = Space::load_file(configs + "squeezenet_space.yaml");
    NetworkInsight insight = without_costs(space);
    Insight::Description description;
    REQUIRE(insight.describe(*space.baseline(), description));
    const arch::Counts counts = arch::count(arch::read_network_file(configs + "networks/squeezenet.yaml"));
    // SqueezeNet 1.1: 26 convolutions, a ReLU after each; three max pools of 3x3 and one global average pool.
    CHECK(description.workload.linear_operations == 26);
    CHECK(description.workload.activations == 26);
    CHECK(description.workload.square_elements == 0);
    CHECK(description.workload.parameters == 1'235'496);
    CHECK(description.workload.multiply_adds == static_cast<double>(counts.multiply_adds));
    CHECK(description.workload.average_pool_elements == 1000);
    CHECK(description.operations.size() == 56);  // as it was measured
    CHECK(description.features.size() == insight.feature_count());
    for (const double feature : description.features) {
        CHECK(std::isfinite(feature));
    }
}

TEST_CASE("equal networks are known by one number and equal operations by another") {
    const Space space = Space::load_file(configs + "squeezenet_space.yaml");
    NetworkInsight insight = without_costs(space);
    std::map<std::uint64_t, std::string> by_network;
    for (std::uint32_t i = 0; i < 300; ++i) {
        random::Stream stream(1, 0, i, random::Purpose::test);
        Insight::Description first;
        Insight::Description again;
        const Genome genome = space.sample(stream);
        if (!insight.describe(genome, first)) {
            continue;
        }
        REQUIRE(insight.describe(genome, again));
        CHECK(first.network == again.network);
        CHECK(first.operations == again.operations);
        CHECK(first.features == again.features);
    }
    Insight::Description description;
    REQUIRE(insight.describe(*space.baseline(), description));
    // Fire modules 1 and 2 are followed by larger ones: 26 convolutions are not 26 different ones.
    const std::set<std::uint64_t> distinct(description.operations.begin(), description.operations.end());
    CHECK(distinct.size() < description.operations.size());
}

TEST_CASE("aimed changes do to SqueezeNet what they are named after") {
    const Space space = Space::load_file(configs + "squeezenet_space.yaml");
    NetworkInsight insight = without_costs(space);
    AimedChanges changes(space, insight);
    Space::Decoder decoder(space);
    const auto count = [&](const Genome& genome) {
        Rejection rejection;
        const arch::Network* const network = decoder.decode(genome, rejection);
        REQUIRE(network != nullptr);
        struct {
            arch::Counts counts;
            std::int64_t executed_relus = 0;
            std::map<arch::Activation, int> activations;
            std::map<arch::LayerKind, int> layers;
        } result;
        result.counts = arch::count(*network);
        secure::SecureProgram program;
        REQUIRE_FALSE(secure::Lowering().lower(*network, program));
        for (const secure::Operation& operation : program.operations) {
            result.executed_relus += operation.kind == secure::OperationKind::relu ? operation.elements : 0;
        }
        for (const arch::Layer& layer : network->layers()) {
            ++result.layers[layer.kind];
            if (layer.kind == arch::LayerKind::activation) {
                ++result.activations[layer.activation];
            }
        }
        return result;
    };
    Origin origin{*space.baseline()};
    auto before = count(origin.genome);
    std::set<Aim> found;
    for (std::uint32_t i = 0; i < 400; ++i) {
        random::Stream stream(5, 0, i, random::Purpose::test);
        const auto aim = static_cast<Aim>(i % aim_names.size());
        std::optional<AimedChanges::Child> child = find(changes, aim, origin, stream);
        if (!child) {
            continue;
        }
        found.insert(aim);
        auto after = count(child->genome);
        INFO(aim_names[static_cast<std::size_t>(aim)] << ": " << space.to_text(child->genome));
        switch (aim) {
            case Aim::remove_relu:
                // The compiler may move a ReLU behind a max pool once nothing else stands between them.
                CHECK(after.executed_relus < before.executed_relus);
                CHECK(after.activations[arch::Activation::square] == before.activations[arch::Activation::square]);
                break;
            case Aim::relu_to_square:
                CHECK(after.activations[arch::Activation::square] > before.activations[arch::Activation::square]);
                CHECK(after.activations[arch::Activation::relu] < before.activations[arch::Activation::relu]);
                CHECK(after.counts.multiply_adds == before.counts.multiply_adds);
                break;
            case Aim::max_to_average_pool:
                CHECK(after.layers[arch::LayerKind::max_pool] < before.layers[arch::LayerKind::max_pool]);
                CHECK(after.layers[arch::LayerKind::average_pool] > before.layers[arch::LayerKind::average_pool]);
                break;
            case Aim::move_downsampling:
                CHECK(after.layers[arch::LayerKind::convolution] + after.layers[arch::LayerKind::fully_connected] ==
                      before.layers[arch::LayerKind::convolution]);
                CHECK(after.counts.multiply_adds != before.counts.multiply_adds);
                break;
            case Aim::snap_channels:
                CHECK(after.layers[arch::LayerKind::convolution] == before.layers[arch::LayerKind::convolution]);
                CHECK(after.layers[arch::LayerKind::max_pool] == before.layers[arch::LayerKind::max_pool]);
                CHECK(after.counts.parameters != before.counts.parameters);
                break;
            case Aim::split_or_merge:
                CHECK(after.layers[arch::LayerKind::convolution] != before.layers[arch::LayerKind::convolution]);
                break;
            default:
                FAIL("an aim that this space, or an insight without costs, does not serve from its baseline");
        }
    }
    // The pool before a ReLU is what the compiler does anyway; nothing prices the operations here.
    CHECK(found == std::set<Aim>{Aim::remove_relu, Aim::relu_to_square, Aim::max_to_average_pool,
                                 Aim::move_downsampling, Aim::snap_channels, Aim::split_or_merge});

    // Behind an average pool the order counts: the activation of a smaller image is cheaper.
    const std::string text = space.to_text(*space.baseline());
    std::string averaged = text;
    averaged.replace(averaged.find("stem_pool=max_pool"), 18, "stem_pool=average_pool");
    Origin pooled{space.parse_genome(averaged)};
    before = count(pooled.genome);
    bool moved = false;
    for (std::uint32_t i = 0; i < 2'000 && !moved; ++i) {
        random::Stream stream(6, 0, i, random::Purpose::test);
        if (auto child = find(changes, Aim::pool_before_activation, pooled, stream)) {
            auto after = count(child->genome);
            CHECK(after.counts.relu_elements < before.counts.relu_elements);
            CHECK(after.activations == before.activations);
            CHECK(after.counts.multiply_adds == before.counts.multiply_adds);
            moved = true;
        }
    }
    CHECK(moved);
}

/// Knows one network of three operations; a change of gene k replaces operation k.
class ThreeOperations final : public Insight {
  public:
    std::size_t feature_count() const override { return 1; }
    bool describe(const Genome& genome, Description& description) override {
        description = {};
        description.features = {0};
        for (std::uint64_t k = 0; k < 3; ++k) {
            description.operations.push_back(100 * k + static_cast<std::uint64_t>(genome.genes[k]));
        }
        return true;
    }
    void operation_costs(const Genome& /*genome*/, std::vector<double>& costs) override { costs = {1, 50, 2}; }
};

/// Three genes of two alternatives.
class ThreeSwitches final : public Variation {
  public:
    std::vector<std::uint32_t> levels() const override { return {2, 2, 2}; }
    Genome sample(random::Stream& /*stream*/) const override { return {{0, 0, 0}}; }
    Genome mutate(const Genome& parent, random::Stream& /*stream*/) const override { return parent; }
    Genome crossover(const Genome& first, const Genome& /*second*/, random::Stream& /*stream*/) const override {
        return first;
    }
    std::vector<Change> changes(const Genome& /*parent*/) const override {
        return {{Change::Kind::set_gene, 0, 1}, {Change::Kind::set_gene, 1, 1}, {Change::Kind::set_gene, 2, 1}};
    }
    std::optional<Genome> apply(const Genome& parent, const Change& change, random::Stream& /*stream*/) const override {
        Genome child = parent;
        child.genes[change.where] = static_cast<Gene>(change.value);
        return child;
    }
};

TEST_CASE("several threads are told of genomes what one is told") {
    const Space space = Space::load_file(configs + "squeezenet_space.yaml");
    std::vector<Genome> genomes;
    for (std::uint32_t i = 0; i < 64; ++i) {
        random::Stream stream(9, 0, i, random::Purpose::test);
        genomes.push_back(space.sample(stream));
    }
    const auto described = [&](NetworkInsight& insight, std::size_t first, std::size_t step) {
        std::vector<Insight::Description> descriptions(genomes.size());
        for (std::size_t i = first; i < genomes.size(); i += step) {
            insight.describe(genomes[i], descriptions[i]);
        }
        return descriptions;
    };
    NetworkInsight alone = without_costs(space);
    const std::vector<Insight::Description> expected = described(alone, 0, 1);
    NetworkInsight shared = without_costs(space);
    std::vector<std::vector<Insight::Description>> got(4);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < got.size(); ++t) {
        threads.emplace_back([&, t] { got[t] = described(shared, t, got.size()); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (std::size_t i = 0; i < genomes.size(); ++i) {
        const Insight::Description& description = got[i % got.size()][i];
        CHECK(description.features == expected[i].features);
        CHECK(description.operations == expected[i].operations);
        CHECK(description.network == expected[i].network);
    }
}

TEST_CASE("changes aimed at costly operations touch the costliest most often") {
    const ThreeSwitches variation;
    ThreeOperations insight;
    AimedChanges changes(variation, insight);
    Origin origin{{{0, 0, 0}}};
    int costly = 0;
    constexpr int draws = 2'000;
    for (std::uint32_t i = 0; i < draws; ++i) {
        random::Stream stream(7, 0, i, random::Purpose::test);
        const auto child = find(changes, Aim::costly_operation, origin, stream);
        REQUIRE(child);
        costly += child->genome.genes[1];
    }
    // The best of four even draws out of three: 1 - (2/3)^4.
    const double expected = 1 - 16.0 / 81;
    CHECK(costly / double{draws} == Approx(expected).margin(4 * std::sqrt(expected / draws)));
}

}  // namespace
}  // namespace sotto::search
