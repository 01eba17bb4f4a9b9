// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/engine_profile.hpp"

#include <fstream>
#include <set>
#include <stdexcept>
#include <string>

#include "tests/support/catch.hpp"

using namespace sotto::protocol;

TEST_CASE("Engines are found by name") {
    std::set<std::string_view> names;
    for (const EngineProfile& profile : profiles()) {
        CHECK(find_profile(profile.name()) == &profile);
        names.insert(profile.name());
    }
    CHECK(names == std::set<std::string_view>{"cryptflow2", "opencheetah-2022", "opencheetah-2023"});
    CHECK(find_profile("opencheetah") == nullptr);
}

TEST_CASE("The documentation has the bit length of every engine") {
    std::ifstream stream(SOTTO_SOURCE_DIRECTORY "/docs/protocol_counts.md");
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    for (const EngineProfile& profile : profiles()) {
        INFO(profile.name());
        CHECK(text.find("| `" + std::string(profile.name()) + "` | " + std::to_string(profile.parameters().bit_length) +
                        " |") != std::string::npos);
    }
}

TEST_CASE("A refill's yield and bytes follow from Ferret's parameters") {
    const EngineParameters& parameters = find_profile("opencheetah-2023")->parameters();
    constexpr double n = 10'608'640;
    constexpr double k = 589'824;
    constexpr double t = n / 8192;
    CHECK(parameters.transfers_per_refill == n - (k + 13 * t + 128));
    CHECK(parameters.bytes_per_refill == 16 * (t * 27 + 1));
}

TEST_CASE("Ciphertexts of a ring below 2^40 are smaller") {
    const EngineProfile& wide = *find_profile("opencheetah-2023");
    EngineParameters parameters = wide.parameters();
    parameters.bit_length = 37;
    const EngineProfile narrow = wide.with(parameters);
    CHECK(narrow.primes() == 3);
    // 49 + 49 bits of 60 + 49, with the parameters' headers: measured by compressing random coefficients.
    CHECK(narrow.ring_ciphertexts().upload_bytes() == Approx(57'660 + 120).epsilon(0.003));
    CHECK(wide.ring_ciphertexts().upload_bytes() == Approx(62'427).epsilon(0.001));
}

TEST_CASE("Ciphertext sizes are those of compressed random coefficients") {
    // Zstandard, level 3, on 8-byte little-endian coefficients: 4096 of 60 bits with 5 bits cleared after so many of 60
    // bits with 17 cleared, without header (mean of three).
    const CiphertextSizes& sizes = find_profile("opencheetah-2023")->ring_ciphertexts();
    for (const auto& [kept, bytes] :
         {std::pair{9, 31'790}, {100, 32'455}, {1024, 38'991}, {2048, 46'032}, {3136, 53'409}, {4096, 59'855}}) {
        CHECK(sizes.download_bytes(kept, 0) == Approx(bytes + 90).epsilon(0.004));
    }
}

TEST_CASE("Parameters out of range are refused") {
    const EngineProfile& profile = *find_profile("opencheetah-2023");
    EngineParameters parameters = profile.parameters();
    parameters.bit_length = 45;
    CHECK_THROWS_WITH(profile.with(parameters), "bit length is 45, expected 8 to 44");
    parameters = profile.parameters();
    parameters.first_modulus_bits = 40;
    CHECK_THROWS_WITH(profile.with(parameters), "bits of the first modulus is 40, expected 43 to 62");
    parameters = profile.parameters();
    parameters.threads = 0;
    CHECK_THROWS_AS(profile.with(parameters), std::invalid_argument);
    parameters = profile.parameters();
    parameters.polynomial_degree = 5000;
    CHECK_THROWS_AS(profile.with(parameters), std::invalid_argument);
    parameters = profile.parameters();
    parameters.scale = 30;
    CHECK_THROWS_AS(profile.with(parameters), std::invalid_argument);
    parameters.relu_comparison = ReluComparison::exact;
    CHECK_NOTHROW(profile.with(parameters));
}
