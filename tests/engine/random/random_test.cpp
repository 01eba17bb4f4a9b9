// SPDX-License-Identifier: Apache-2.0
#include "engine/random/random.hpp"

#include <array>
#include <cstdlib>
#include <map>
#include <set>
#include <vector>

#include "tests/support/catch.hpp"

using sotto::random::Purpose;
using sotto::random::Stream;

namespace {

using Words = std::array<std::uint32_t, 4>;

// Philox4x32-10 written again from the paper (Salmon et al., 2011, section 3.3 and table 2).
Words philox(Words counter, std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t first = std::uint64_t{0xD2511F53} * counter[0];
        const std::uint64_t second = std::uint64_t{0xCD9E8D57} * counter[2];
        counter = {static_cast<std::uint32_t>(second >> 32U) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(second),
                   static_cast<std::uint32_t>(first >> 32U) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(first)};
        key[0] += 0x9E3779B9;
        key[1] += 0xBB67AE85;
    }
    return counter;
}

std::uint64_t word_pair(const Words& words, std::size_t at) {
    return (std::uint64_t{words[at + 1]} << 32U) | words[at];
}

std::vector<std::uint64_t> draws(Stream stream, std::size_t count) {
    std::vector<std::uint64_t> result;
    for (std::size_t i = 0; i < count; ++i) {
        result.push_back(stream.bits());
    }
    return result;
}

// Chi-square statistic of `count` draws below `bound`.
double chi_square(std::uint64_t bound, int count) {
    Stream stream(1, 2, 3, Purpose::test);
    std::vector<int> hits(bound, 0);
    for (int i = 0; i < count; ++i) {
        ++hits.at(stream.below(bound));
    }
    const double expected = static_cast<double>(count) / static_cast<double>(bound);
    double sum = 0;
    for (const int hit : hits) {
        sum += (hit - expected) * (hit - expected) / expected;
    }
    return sum;
}

}  // namespace

TEST_CASE("Philox4x32-10 gives the known answers of the Random123 distribution") {
    struct Answer {
        Words counter;
        std::array<std::uint32_t, 2> key;
        Words expected;
    };
    // tests/kat_vectors of Random123, lines `philox4x32 10`.
    const std::array<Answer, 3> answers{{
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    }};
    for (const Answer& answer : answers) {
        CHECK(philox(answer.counter, answer.key) == answer.expected);
        const r123::Philox4x32::ctr_type counter{
            {answer.counter[0], answer.counter[1], answer.counter[2], answer.counter[3]}};
        const r123::Philox4x32::key_type key{{answer.key[0], answer.key[1]}};
        const r123::Philox4x32::ctr_type found = r123::Philox4x32{}(counter, key);
        for (std::size_t i = 0; i < 4; ++i) {
            CHECK(found[i] == answer.expected[i]);
        }
    }
}

TEST_CASE("A stream is Philox over (position, generation, candidate, purpose) under the run seed") {
    for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0xfedcba9876543210}}) {
        for (const std::uint32_t generation : {0U, 7U, 0xffffffffU}) {
            for (const std::uint32_t candidate : {0U, 12345U}) {
                Stream stream(seed, generation, candidate, Purpose::mutation);
                for (std::uint32_t block = 0; block < 5; ++block) {
                    const Words words =
                        philox({block, generation, candidate, static_cast<std::uint32_t>(Purpose::mutation)},
                               {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)});
                    CHECK(stream.bits() == word_pair(words, 0));
                    CHECK(stream.bits() == word_pair(words, 2));
                }
            }
        }
    }
}

TEST_CASE("Draws do not depend on which streams exist or in which order they are drawn from") {
    std::vector<std::vector<std::uint64_t>> alone;
    for (std::uint32_t i = 0; i < 8; ++i) {
        alone.push_back(draws(Stream(42, 1, i, Purpose::selection), 9));
    }
    std::vector<Stream> streams;
    for (std::uint32_t i = 8; i-- > 0;) {
        streams.emplace_back(42, 1, i, Purpose::selection);
    }
    std::vector<std::vector<std::uint64_t>> interleaved(8);
    for (std::size_t round = 0; round < 9; ++round) {
        for (std::size_t i = 0; i < 8; ++i) {
            const std::size_t at = (i * 3 + round) % 8;
            interleaved[7 - at].push_back(streams[at].bits());
        }
    }
    CHECK(interleaved == alone);

    Stream original(42, 1, 0, Purpose::selection);
    original.bits();
    const Stream copy = original;
    CHECK(draws(copy, 8) == std::vector<std::uint64_t>(alone[0].begin() + 1, alone[0].end()));
}

TEST_CASE("Each of seed, generation, candidate and purpose gives other draws") {
    std::set<std::uint64_t> seen;
    std::size_t count = 0;
    for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 32U}) {
        for (std::uint32_t generation = 0; generation < 4; ++generation) {
            for (std::uint32_t candidate = 0; candidate < 4; ++candidate) {
                for (const Purpose purpose :
                     {Purpose::initial_population, Purpose::crossover, Purpose::proxy_weights}) {
                    for (const std::uint64_t bits : draws(Stream(seed, generation, candidate, purpose), 4)) {
                        seen.insert(bits);
                        ++count;
                    }
                }
            }
        }
    }
    CHECK(seen.size() == count);
}

TEST_CASE("Integers below a bound are uniform") {
    // 99.99 % quantiles of the chi-square distribution with bound - 1 degrees of freedom.
    CHECK(chi_square(2, 100000) < 15.1);
    CHECK(chi_square(3, 100000) < 18.4);
    CHECK(chi_square(7, 100000) < 27.9);
    CHECK(chi_square(10, 100000) < 33.7);
    CHECK(chi_square(64, 100000) < 113.5);
    Stream stream(5, 0, 0, Purpose::test);
    for (int i = 0; i < 100; ++i) {
        REQUIRE(stream.below(1) == 0);
    }
}

TEST_CASE("A bound that does not divide 2^64 has no bias") {
    // Without rejection a multiple of 3 below 3 x 2^62 would come from two of four words, and half of all draws be one.
    constexpr std::uint64_t bound = std::uint64_t{3} << 62U;
    constexpr int count = 30000;
    Stream stream(6, 0, 0, Purpose::test);
    int multiples = 0;
    for (int i = 0; i < count; ++i) {
        const std::uint64_t value = stream.below(bound);
        REQUIRE(value < bound);
        multiples += value % 3 == 0 ? 1 : 0;
    }
    CHECK(std::abs(multiples - count / 3) < 400);  // five standard deviations
}

TEST_CASE("Unit draws are the upper 53 bits with the mean and variance of a uniform number from 0 to 1") {
    Stream stream(7, 0, 0, Purpose::test);
    Stream bits = stream;
    double sum = 0;
    double squares = 0;
    constexpr int count = 100000;
    for (int i = 0; i < count; ++i) {
        const double value = stream.unit();
        REQUIRE(value == static_cast<double>(bits.bits() >> 11U) / 9007199254740992.0);
        REQUIRE(value >= 0);
        REQUIRE(value < 1);
        sum += value;
        squares += value * value;
    }
    CHECK(sum / count == Approx(1.0 / 2).margin(0.005));
    CHECK(squares / count == Approx(1.0 / 3).margin(0.005));
}

TEST_CASE("A chance of 0 never happens and one of 1 always and one of a quarter in a quarter of the draws") {
    Stream stream(8, 0, 0, Purpose::test);
    int quarter = 0;
    for (int i = 0; i < 10000; ++i) {
        REQUIRE_FALSE(stream.chance(0));
        REQUIRE(stream.chance(1));
        quarter += stream.chance(0.25) ? 1 : 0;
    }
    CHECK(std::abs(quarter - 2500) < 220);  // five standard deviations
}

TEST_CASE("A shuffle gives every order of three values in a sixth of the draws") {
    Stream stream(9, 0, 0, Purpose::test);
    std::map<std::vector<int>, int> orders;
    for (int i = 0; i < 12000; ++i) {
        std::vector<int> values{1, 2, 3};
        sotto::random::shuffle(values, stream);
        ++orders[values];
    }
    CHECK(orders.size() == 6);
    for (const auto& [order, count] : orders) {
        CHECK(std::abs(count - 2000) < 205);  // five standard deviations
    }
}
