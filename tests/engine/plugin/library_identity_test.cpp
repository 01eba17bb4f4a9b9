// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/library_identity.hpp"

#include <elf.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "sotto/plugin.h"

#include "engine/plugin/description.hpp"
#include "tests/engine/plugin/message_of.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::plugin;
using sotto::matchers::contains_text;

namespace {

const std::string good = SOTTO_TEST_PLUGINS "/test_plugin_plain_c.so";
// Test cases run at once, each in a process of its own.
const std::string spoilt_path = SOTTO_TEST_PLUGINS "/spoilt-" + std::to_string(getpid()) + ".so";

std::vector<char> bytes_of(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::string message_for(const std::vector<char>& bytes) {
    std::ofstream(spoilt_path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    std::string message = message_or_empty([] { read_identity(spoilt_path); });
    std::filesystem::remove(spoilt_path);
    return message;
}

}  // namespace

TEST_CASE("the identity is read from the file of a library") {
    const LibraryIdentity identity = read_identity(good);
    CHECK(identity.abi_version == SOTTO_PLUGIN_ABI_VERSION);
    CHECK(identity.struct_size == sizeof(sotto_plugin_entry_v1));
}

TEST_CASE("the identity is read without running a library whose initialisers abort") {
    CHECK(read_identity(SOTTO_TEST_PLUGINS "/test_plugin_wrong_version.so").abi_version ==
          SOTTO_PLUGIN_ABI_VERSION + 7);
    CHECK(read_identity(SOTTO_TEST_PLUGINS "/test_plugin_short_entry.so").struct_size == 16);
}

TEST_CASE("a file that is no library of this machine is refused by what it is") {
    CHECK_THAT(message_for({}), contains_text("found a file of 0 bytes"));
    std::vector<char> bytes = bytes_of(good);
    bytes[0] = 'M';
    CHECK_THAT(message_for(bytes), contains_text("no ELF library"));
    bytes = bytes_of(good);
    bytes[EI_CLASS] = ELFCLASS32;
    CHECK_THAT(message_for(bytes), contains_text("another machine"));
    bytes = bytes_of(good);
    bytes[offsetof(Elf64_Ehdr, e_machine)] = 8;
    CHECK_THAT(message_for(bytes), contains_text("another machine"));
    bytes = bytes_of(good);
    bytes[offsetof(Elf64_Ehdr, e_type)] = ET_REL;
    CHECK_THAT(message_for(bytes), contains_text("ELF file of type 1"));
}

TEST_CASE("a library that is cut short anywhere is refused or still whole where it counts") {
    const std::vector<char> whole = bytes_of(good);
    std::size_t refused = 0;
    for (std::size_t size = 0; size < whole.size(); size += 97) {
        const std::vector<char> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        refused += message_for(part).empty() ? 0 : 1;
    }
    CHECK(refused == (whole.size() + 96) / 97);  // the section table stands at the end of the file
}

TEST_CASE("no byte of the tables makes the reader stumble") {
    const std::vector<char> whole = bytes_of(good);
    Elf64_Ehdr header;
    std::memcpy(&header, whole.data(), sizeof header);
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < sizeof header; ++i) {
        places.push_back(i);
    }
    for (std::size_t i = 0; i < std::size_t{header.e_shnum} * sizeof(Elf64_Shdr); i += 3) {
        places.push_back(header.e_shoff + i);
    }
    for (std::size_t i = 0; i < std::size_t{header.e_phnum} * sizeof(Elf64_Phdr); i += 3) {
        places.push_back(header.e_phoff + i);
    }
    std::size_t refused = 0;
    for (const std::size_t place : places) {
        std::vector<char> bytes = whole;
        bytes[place] = static_cast<char>(bytes[place] ^ 0x81);
        refused += message_for(bytes).empty() ? 0 : 1;
    }
    CHECK(refused > 0);
}
