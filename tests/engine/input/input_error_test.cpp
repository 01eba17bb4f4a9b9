// SPDX-License-Identifier: Apache-2.0
#include "engine/input/input_error.hpp"

#include <array>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

using namespace sotto::input;

namespace {

std::string nearest(std::string_view name, const std::vector<std::string_view>& candidates) {
    return std::string(nearest_name(name, candidates));
}

std::string text_of(InputError::Parts parts) {
    return InputError(std::move(parts)).what();
}

}  // namespace

TEST_CASE("The text of an error has each part once and leaves out what is empty") {
    CHECK(text_of({{"a.yaml", 3, 7}, "unknown key", "'strid'", "'stride' or 'kernel'", "stride"}) ==
          "a.yaml:3:7: unknown key: found 'strid', expected 'stride' or 'kernel'; did you mean 'stride'?");
    CHECK(text_of({{"a.yaml", 3, 0}, "unknown key", {}, "'stride'", {}}) == "a.yaml:3: unknown key: expected 'stride'");
    CHECK(text_of({{"a.yaml", 0, 0}, "cannot be read", {}, {}, {}}) == "a.yaml: cannot be read");
    CHECK(text_of({{}, "wrong", "5", {}, {}}) == "wrong: found 5");
    const InputError error({{"a.yaml", 3, 7}, "wrong", "x", "y", "z"});
    CHECK(error.parts().location.line == 3);
    CHECK(error.parts().nearest == "z");
}

TEST_CASE("The nearest name is found through each kind of slip") {
    const std::vector<std::string_view> keys{"kernel", "stride", "padding", "channels", "bias"};
    CHECK(nearest("kernel", keys) == "kernel");
    CHECK(nearest("kernl", keys) == "kernel");    // missing
    CHECK(nearest("kernnel", keys) == "kernel");  // doubled
    CHECK(nearest("kermel", keys) == "kernel");   // replaced
    CHECK(nearest("kerenl", keys) == "kernel");   // swapped
    CHECK(nearest("bais", keys) == "bias");       // swapped, counts as one
    CHECK(nearest("chanels", keys) == "channels");
}

TEST_CASE("No name is given where none is near") {
    const std::vector<std::string_view> keys{"kernel", "stride", "padding"};
    CHECK(nearest("activation", keys).empty());
    CHECK(nearest("pad", keys).empty());  // four of seven differ
    CHECK(nearest("", keys).empty());
    CHECK(nearest("kernel", {}).empty());
    CHECK(nearest("ab", {"ac"}) == "ac");  // one slip is always allowed
    CHECK(nearest("ab", {"cd"}).empty());
    CHECK(nearest("kernels", {"kern", "kernel"}) == "kernel");  // the nearer one
    CHECK(nearest(std::string(300, 'a'), {std::string_view("aaa")}).empty());
}

TEST_CASE("Names are listed with quotes, commas and a final or") {
    const std::array<std::string_view, 3> names{"a", "b", "c"};
    CHECK(list_names(names) == "'a', 'b' or 'c'");
    CHECK(list_names(std::span(names).first(2)) == "'a' or 'b'");
    CHECK(list_names(std::span(names).first(1)) == "'a'");
    CHECK(list_names({}).empty());
}

TEST_CASE("a message shows the beginning of what is long and no half character") {
    const auto message = [](const std::string& found) {
        return std::string(InputError({{"f", 1, 2}, "bad", found, "good", {}}).what());
    };
    CHECK(message(std::string(240, 'x')) == "f:1:2: bad: found " + std::string(240, 'x') + ", expected good");
    CHECK(message(std::string(1'000'000, 'x')) ==
          "f:1:2: bad: found " + std::string(240, 'x') + "... (1000000 bytes), expected good");
    std::string accents = "x";
    for (int i = 0; i < 200; ++i) {
        accents += "\xC3\xA9";
    }
    CHECK(message(accents) == "f:1:2: bad: found " + accents.substr(0, 239) + "... (401 bytes), expected good");
}
