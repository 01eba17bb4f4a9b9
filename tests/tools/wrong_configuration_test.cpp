// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/tools/nas_run.hpp"

using namespace sotto::tests;

namespace {

struct Expectation {
    int line = 0;
    std::vector<std::string> texts;
};

// Every wrong file says in comments how it must be answered: `#@ line 12`, `#@ says ...` (one part of the message).
Expectation expectation_of(const std::filesystem::path& file) {
    Expectation expectation;
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) {
        if (line.rfind("#@ line ", 0) == 0) {
            expectation.line = std::stoi(line.substr(8));
        } else if (line.rfind("#@ says ", 0) == 0) {
            expectation.texts.push_back(line.substr(8));
        }
    }
    return expectation;
}

std::vector<std::filesystem::path> wrong_files() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(SOTTO_SOURCE_DIRECTORY "/tests/tools/wrong")) {
        if (entry.path().extension() == ".yaml") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

TEST_CASE("every wrong configuration is answered with file, line, found, expected and nearest name") {
    const auto files = wrong_files();
    REQUIRE(files.size() >= 15);
    const TemporaryFolder folder;
    for (const auto& file : files) {
        const Expectation expected = expectation_of(file);
        REQUIRE(!expected.texts.empty());
        for (const bool dry : {false, true}) {
            std::vector<std::string> arguments = {file.string(), "--plugin", probe_library};
            if (dry) {
                arguments.push_back("--dry-run");
            }
            const Outcome outcome = nas_run(arguments, {}, folder.path());
            CAPTURE(file.filename().string(), outcome.errors);
            CHECK(outcome.exit_code == 2);
            CHECK(outcome.output.empty());
            const std::string place =
                expected.line > 0 ? file.string() + ':' + std::to_string(expected.line) + ':' : file.string();
            CHECK(outcome.errors.rfind(place, 0) == 0);
            for (const std::string& text : expected.texts) {
                CAPTURE(text);
                CHECK(contains(outcome.errors, text));
            }
            CHECK(std::filesystem::is_empty(folder.path()));
        }
    }
}
