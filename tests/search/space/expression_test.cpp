// SPDX-License-Identifier: Apache-2.0
// The expression language against values worked out by hand, folded at load and evaluated at decode.
#include "search/space/expression.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/arch/network.hpp"
#include "engine/input/yaml_document.hpp"
#include "search/space/expression_compiler.hpp"
#include "search/space/space.hpp"
#include "tests/support/catch.hpp"

namespace sotto::search::language {
namespace {

class NoNames final : public NameResolver {
  public:
    NamedValue value(const Expression& expression, const ExpressionNode& node) override {
        throw input::InputError({expression.location, "unknown", path_text(node.path), {}, {}});
    }
    std::uint32_t slot(const Expression& /*expression*/, const ExpressionNode& /*node*/) override { return 0; }
    std::int64_t word(const std::string& text) override { return static_cast<std::int64_t>(text.size()); }
    const std::string& word_text(std::int64_t /*word*/) const override { return text_; }

  private:
    std::string text_;
};

std::int64_t folded(const std::string& text) {
    NoNames names;
    const CompiledExpression compiled = compile_expression(parse_expression(text, {"test.yaml", 1, 1}), names);
    REQUIRE(compiled.constant);
    return compiled.value;
}

const std::vector<std::pair<std::string, std::int64_t>> numbers{
    {"1 + 2 * 3", 7},
    {"(1 + 2) * 3", 9},
    {"10 - 4 - 3", 3},
    {"7 / 2", 3},
    {"-7 / 2", -4},
    {"7 / -2", -4},
    {"-7 % 3", 2},
    {"7 % -3", -2},
    {"ceil_div(7, 2)", 4},
    {"ceil_div(-7, 2)", -3},
    {"ceil_div(8, 2)", 4},
    {"round_to(20, 8)", 24},
    {"round_to(19, 8)", 16},
    {"round_up(17, 8)", 24},
    {"round_down(23, 8)", 16},
    {"round_down(-1, 8)", -8},
    {"min(4, 2, 3)", 2},
    {"max(4, 2, 9, 3)", 9},
    {"abs(-5)", 5},
    {"- - 5", 5},
    {"if(2 > 1, 10, 1 / 0)", 10},
    {"if(1 < 2 and not false, 1, 2)", 1},
    {"if(false or 3 == 4, 1, 2)", 2},
    {"if('relu' == 'relu', 1, 2)", 1},
    {"pick(0, 10, 20, 30)", 10},
    {"pick(2, 10, 20, 30)", 30},
    {"pick(3 - 2, 7, 8)", 8},
    {"pick(1, 1 / 0, 5)", 5},
    {"pick(pick(1, 2, 0), pick(2, 4, 5, 6), 7)", 6},
    {"if(pick(1, 'a', 'relu') == 'relu', 1, 2)", 1},
    {"if(pick(0, false, true), 1, 2)", 2},
    {"if(3 in (1, 2, 3), 1, 2)", 1},
    {"if(4 in (1, 2, 3), 1, 2)", 2},
    {"5_000_000 / 1_000", 5000},
    {"${ 2 * 3 }", 6},
};

TEST_CASE("constant expressions have the values of integer arithmetic") {
    for (const auto& [text, value] : numbers) {
        INFO(text);
        CHECK(folded(text) == value);
    }
}

TEST_CASE("expressions over choices have the same values when a candidate is decoded") {
    // The channels of one layer are 1000 plus the expression, its numbers replaced by choices that have one
    // alternative. (pick has tests of its own: the other alternative may not be a number that picks.)
    for (const auto& [text, value] : numbers) {
        if (text.find("pick") != std::string::npos || text.find("1 / 0") != std::string::npos ||
            text.find('_') != std::string::npos || text.find('$') != std::string::npos) {
            continue;
        }
        std::string with_choices;
        std::string choices;
        std::string uses = "0";
        std::set<std::string> names;
        for (std::size_t at = 0; at < text.size(); ++at) {
            if (text[at] < '0' || text[at] > '9') {
                with_choices += text[at];
                continue;
            }
            std::string number;
            for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
                number += text[at];
            }
            --at;
            const std::string name = "n" + number;
            if (names.insert(name).second) {
                choices.append("  ").append(name).append(": [").append(number).append(", ");
                choices.append(number).append("1]\n");
                uses.append(" + 0 * ").append(name);
            }
            with_choices += name;
        }
        INFO(text << " as " << with_choices);
        std::string yaml = "input: {shape: [1, 4, 4]}\nchoices:\n";
        yaml.append(choices).append("layers:\n  - {name: c, type: conv, kernel: 1, channels: \"max(1, 1000 + ");
        yaml.append(with_choices).append(" + ").append(uses).append(")\"}\n");
        const Space space = Space::load(input::parse_yaml(yaml, "test.yaml"));
        Space::Decoder decoder(space);
        Rejection rejection;
        const arch::Network* const network =
            decoder.decode(Genome{std::vector<Gene>(space.gene_count(), Gene{0})}, rejection);
        REQUIRE(network != nullptr);
        CHECK(network->layer(1).output.channels == 1000 + value);
    }
}

TEST_CASE("numbers that do not fit 64 bits are refused") {
    CHECK_THROWS_AS(folded("99999999999999999999"), input::InputError);
    CHECK_THROWS_AS(folded("9223372036854775807 + 1"), input::InputError);
    CHECK_THROWS_AS(folded("9223372036854775807 * 2"), input::InputError);
    CHECK_THROWS_AS(folded("(-9223372036854775807 - 1) / -1"), input::InputError);
    CHECK(folded("(-9223372036854775807 - 1) % -1") == 0);
}

TEST_CASE("deep and long expressions are refused") {
    CHECK_THROWS_AS(folded(std::string(100, '(') + '1' + std::string(100, ')')), input::InputError);
    CHECK_THROWS_AS(folded(std::string(100, '-') + '1'), input::InputError);
    std::string sum = "1";
    for (int i = 0; i < 1000; ++i) {
        sum += " + 1";
    }
    CHECK_THROWS_AS(folded(sum), input::InputError);
}

}  // namespace
}  // namespace sotto::search::language
