// SPDX-License-Identifier: Apache-2.0
// Lists of genomes (search/loop/initial_genomes.hpp): any bytes give genomes of the space or an InputError in the file,
// and genomes written as text read back as themselves.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/input/input_error.hpp"
#include "search/loop/initial_genomes.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using sotto::search::Genome;
using sotto::search::Space;

const Space& space() {
    static const Space space = Space::load(sotto::input::parse_yaml(R"(
name: small
input: {shape: [3, 8, 8]}
choices:
  depth: {from: 1, to: 3}
  activation: [relu, square, none]
layers:
  - name: body
    repeat: depth
    choices:
      width: [4, 8]
      kernel: [1, 3]
    layers:
      - {type: conv, channels: width, kernel: kernel, padding: valid}
      - {type: "${activation}"}
)",
                                                                    "small.yaml"));
    return space;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<Genome> genomes;
    try {
        genomes = sotto::search::parse_genome_list(text, "list.txt", space());
    } catch (const sotto::input::InputError& error) {
        require(error.parts().location.file == "list.txt", "an error is in the file");
        return 0;
    }
    std::string written;
    for (const Genome& genome : genomes) {
        written += space().to_text(genome) + '\n';
    }
    require(sotto::search::parse_genome_list(written, "written.txt", space()) == genomes, "genomes survive as text");
    return 0;
}
