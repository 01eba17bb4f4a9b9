// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iterator>
#include <span>
#include <string>

#include "cost_models/model_file/shipped_models.hpp"
#include "tests/support/catch.hpp"

namespace sotto::sample {
std::span<const model_file::EmbeddedFile> embedded_files();
}

using namespace sotto;

TEST_CASE("embedded files have the names and bytes of the files in their order") {
    const auto files = sample::embedded_files();
    REQUIRE(files.size() == 2);
    CHECK(files[0].name == "binary.bin");
    std::string expected;
    for (int byte = 0; byte < 256; ++byte) {
        expected += static_cast<char>(byte);
    }
    CHECK(files[0].bytes == expected + std::string("\0\n\"", 3));
    CHECK(files[1].name == "CMakeLists.txt");
    std::ifstream stream(SOTTO_SOURCE_DIRECTORY "/tests/cost_models/model_file/CMakeLists.txt", std::ios::binary);
    CHECK(files[1].bytes == std::string(std::istreambuf_iterator<char>(stream), {}));
}
