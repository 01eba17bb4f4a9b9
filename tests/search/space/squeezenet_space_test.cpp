// SPDX-License-Identifier: Apache-2.0
// configs/squeezenet_space.yaml: SqueezeNet is its baseline, and its size and members are what the file promises.
#include <string>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/counts.hpp"
#include "engine/arch/network_yaml.hpp"
#include "search/space/space.hpp"
#include "tests/support/catch.hpp"

namespace sotto::search {
namespace {

const std::string configs = SOTTO_SOURCE_DIRECTORY "/configs/";

const arch::Network& decoded(Space::Decoder& decoder, const Genome& genome) {
    Rejection rejection;
    const arch::Network* const network = decoder.decode(genome, rejection);
    INFO(rejection.reason);
    REQUIRE(network != nullptr);
    return *network;
}

TEST_CASE("the baseline of the SqueezeNet space is the measured SqueezeNet") {
    const Space space = Space::load_file(configs + "squeezenet_space.yaml");
    REQUIRE(space.baseline().has_value());
    Space::Decoder decoder(space);
    const arch::Network& network = decoded(decoder, *space.baseline());
    const arch::Network reference = arch::read_network_file(configs + "networks/squeezenet.yaml");
    CHECK(arch::canonical_hash(network) == arch::canonical_hash(reference));
    CHECK(arch::count(network).parameters == 1'235'496);  // SqueezeNet 1.1 (torchvision's model has as many)
}

TEST_CASE("the SqueezeNet space holds at least 10^12 networks") {
    const Space space = Space::load_file(configs + "squeezenet_space.yaml");
    CHECK(space.log10_size() >= 12);
}

TEST_CASE("the SqueezeNet space reaches networks with far fewer comparisons and with more than SqueezeNet has") {
    const Space space = Space::load_file(configs + "squeezenet_space.yaml");
    Space::Decoder decoder(space);
    const std::int64_t baseline = arch::count(decoded(decoder, *space.baseline())).comparisons;
    bool fewer = false;
    bool more = false;
    for (std::uint32_t i = 0; i < 400; ++i) {
        random::Stream stream(3, 0, i, random::Purpose::test);
        const Genome genome = i % 2 == 0 ? space.sample(stream) : space.mutate(*space.baseline(), stream);
        const std::int64_t comparisons = arch::count(decoded(decoder, genome)).comparisons;
        fewer = fewer || comparisons * 5 < baseline;
        more = more || comparisons > baseline;
    }
    CHECK(fewer);
    CHECK(more);
}

}  // namespace
}  // namespace sotto::search
