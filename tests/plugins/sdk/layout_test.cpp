// SPDX-License-Identifier: Apache-2.0
// The ABI of version 1 grows at the end alone. When something was appended to sotto/plugin.h:
//   1. give it a line in plugins/sdk/abi/print_layout.c;
//   2. cmake --build build/release --target abi_layout, and copy build/release/abi/layout to plugins/sdk/abi/v1.layout.
// plugins/sdk/abi/v1/sotto/plugin.h is the header as it was first released; it never changes.
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/plugins/sdk/header_text.hpp"
#include "tests/support/catch.hpp"

using sotto::tests::HeaderText;
using sotto::tests::read_header;

namespace {

const std::string sdk = SOTTO_SOURCE_DIRECTORY "/plugins/sdk/";
const std::string advice =
    "an appended member or constant is added to plugins/sdk/abi/v1.layout (see the head of this test); anything else "
    "breaks plug-ins that are in use";

std::vector<std::string> lines_of(const std::string& path) {
    std::ifstream stream(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

struct Layout {
    explicit Layout(const std::string& path) {
        for (const std::string& line : lines_of(path)) {
            std::istringstream stream(line);
            std::string kind;
            std::string name;
            stream >> kind >> name;
            std::string rest;
            std::getline(stream, rest);
            if (kind == "struct") {
                std::string word;
                std::istringstream(rest) >> word >> sizes[name];
            } else {
                entries[kind.append(1, ' ').append(name)] = rest;
            }
        }
    }
    std::map<std::string, std::size_t> sizes;
    std::map<std::string, std::string> entries;
};

}  // namespace

TEST_CASE("nothing that was released has moved, and what was appended is written down") {
    const Layout golden(sdk + "abi/v1.layout");
    const Layout now(SOTTO_BINARY_DIRECTORY "/abi/layout");
    INFO(advice);
    REQUIRE(golden.sizes.size() > 20);
    REQUIRE(golden.entries.size() > 150);
    CHECK(now.sizes == golden.sizes);
    CHECK(now.entries == golden.entries);
}

TEST_CASE("the written layout has grown from the first release at the end alone") {
    const Layout first(SOTTO_BINARY_DIRECTORY "/abi/first_layout");
    const Layout golden(sdk + "abi/v1.layout");
    INFO(advice);
    for (const auto& [name, size] : first.sizes) {
        CAPTURE(name);
        REQUIRE(golden.sizes.count(name) == 1);
        CHECK(golden.sizes.at(name) >= size);
    }
    for (const auto& [name, value] : first.entries) {
        CAPTURE(name);
        REQUIRE(golden.entries.count(name) == 1);
        CHECK(golden.entries.at(name) == value);
    }
    for (const char* fixed : {"sotto_shape", "sotto_window"}) {
        CHECK(golden.sizes.at(fixed) == first.sizes.at(fixed));
    }
    for (const auto& [name, value] : golden.entries) {
        if (first.entries.count(name) == 0 && name.rfind("member ", 0) == 0) {
            const std::string type = name.substr(7, name.find('.') - 7);
            std::istringstream stream(value);
            std::string word;
            std::size_t offset = 0;
            stream >> word >> offset;
            CAPTURE(name);
            CHECK((first.sizes.count(type) == 0 || offset >= first.sizes.at(type)));
        }
    }
}

TEST_CASE("no struct has padding, so that nothing can be appended into an old one's size") {
    std::map<std::string, std::size_t> sums;
    std::map<std::string, std::size_t> ends;
    const Layout now(SOTTO_BINARY_DIRECTORY "/abi/layout");
    for (const auto& [name, value] : now.entries) {
        if (name.rfind("member ", 0) == 0) {
            std::istringstream stream(value);
            std::string word;
            std::size_t offset = 0;
            std::size_t size = 0;
            stream >> word >> offset >> word >> size;
            sums[name.substr(7, name.find('.') - 7)] += size;
        }
    }
    for (const auto& [name, size] : now.sizes) {
        CAPTURE(name);
        CHECK(sums[name] == size);  // also where a member is missing from print_layout.c
    }
}

TEST_CASE("every declaration of the first release stands as it was, with its types") {
    const HeaderText first = read_header(sdk + "abi/v1/sotto/plugin.h");
    const HeaderText now = read_header(sdk + "include/sotto/plugin.h");
    INFO(advice);
    REQUIRE(first.structs.size() > 20);
    REQUIRE(first.constants.size() > 50);
    for (const auto& [name, members] : first.structs) {
        CAPTURE(name);
        REQUIRE(now.structs.count(name) == 1);
        const std::vector<std::string>& current = now.structs.at(name);
        REQUIRE(current.size() >= members.size());
        for (std::size_t i = 0; i < members.size(); ++i) {
            CHECK(current[i] == members[i]);
        }
    }
    for (const auto& [name, value] : first.constants) {
        CAPTURE(name);
        REQUIRE(now.constants.count(name) == 1);
        CHECK(now.constants.at(name) == value);
    }
    for (const auto& [name, text] : first.others) {
        CAPTURE(name);
        REQUIRE(now.others.count(name) == 1);
        CHECK(now.others.at(name) == text);
    }
}

TEST_CASE("every constant and struct of the header is in the written layout") {
    const HeaderText now = read_header(sdk + "include/sotto/plugin.h");
    const Layout golden(sdk + "abi/v1.layout");
    for (const auto& [name, value] : now.constants) {
        CAPTURE(name);
        CHECK(golden.entries.count("constant " + name) == 1);
    }
    for (const auto& [name, members] : now.structs) {
        CAPTURE(name);
        CHECK(golden.sizes.count(name) == 1);
    }
}

TEST_CASE("every struct but the plain values and the entry begins with its size") {
    const HeaderText now = read_header(sdk + "include/sotto/plugin.h");
    const std::set<std::string> others = {"sotto_shape", "sotto_window", "sotto_plugin_entry_v1"};
    for (const auto& [name, members] : now.structs) {
        CAPTURE(name);
        CHECK((others.count(name) == 1 || members.front() == "uint32_t struct_size"));
        for (const std::string& member : members) {
            CAPTURE(member);
            for (const char* type : {"bool ", "long ", "enum ", "size_t "}) {
                CHECK(member.find(type) == std::string::npos);
            }
        }
    }
}
