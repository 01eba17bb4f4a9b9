// SPDX-License-Identifier: Apache-2.0
// Any text is either answered with an InputError, or is a space whose genomes decode, keep their text and vary.
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/input/input_error.hpp"
#include "engine/input/yaml_document.hpp"
#include "search/space/space.hpp"
#include "tests/fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto;
    using search::Genome;
    using search::Space;
    try {
        const input::YamlValue document = input::parse_yaml(std::string(data, data + size), "fuzz.yaml");
        const auto mapping = document.find("space");
        if (!mapping || mapping->kind() != input::YamlValue::Kind::mapping) {
            return 0;
        }
        const Space space = Space::load(*mapping);
        require(space.log10_size() >= 0, "a space without genomes was loaded");
        Space::Decoder decoder(space);
        search::Rejection rejection;
        for (std::uint32_t i = 0; i < 4; ++i) {
            random::Stream stream(1, 0, i, random::Purpose::test);
            try {
                const Genome first = space.sample(stream);
                require(decoder.decode(first, rejection) != nullptr, "a sample does not decode");
                require(space.parse_genome(space.to_text(first)) == first, "a genome's text reads as another genome");
                const Genome child = space.crossover(first, space.sample(stream), stream);
                require(decoder.decode(child, rejection) != nullptr, "a child does not decode");
                const Genome mutant = space.mutate(first, stream);
                require(mutant != first, "a mutant is its parent");
                require(decoder.decode(mutant, rejection) != nullptr, "a mutant does not decode");
            } catch (const search::NoValidGenome&) {
                continue;  // a space with few members may refuse every try
            }
        }
    } catch (const input::InputError& error) {
        require(error.parts().location.file == "fuzz.yaml", "an error without its file");
    }
    return 0;
}
