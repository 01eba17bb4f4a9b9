// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "engine/plugin/registry.hpp"
#include "tests/support/catch.hpp"
#include "tools/manifest/plugin_manifest.hpp"

using namespace sotto;
using tools::declares_same;

namespace {

class Folder {
  public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "sotto-manifest-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    void write(const std::string& name, const std::string& text) const { std::ofstream(path / name) << text; }

    std::filesystem::path path;
};

plugin::Description sample(const std::string& id) {
    plugin::Description description;
    description.kind = plugin::Kind::accuracy_proxy;
    description.id = id;
    description.version = "1.2.3";
    description.description = "a \"quoted\" text";
    description.needs_network = true;
    description.deterministic = true;
    description.thread_level = plugin::ThreadLevel::instance;
    description.typical_cost_us = 1234.5;
    description.metrics = {{"accuracy.sample", "1", "score", plugin::Direction::maximize, true}};
    description.parameters = {
        {"size", "pixels", plugin::ParameterType::integer, false, 1, std::numeric_limits<double>::infinity(), "64", {}},
        {"mode", "", plugin::ParameterType::text, true, 0, 0, "", {"a", "b"}}};
    return description;
}

std::string refusal(const Folder& folder) {
    try {
        tools::read_manifests(folder.path);
    } catch (const plugin::PluginError& error) {
        return error.what();
    }
    return {};
}

}  // namespace

TEST_CASE("a manifest gives back what it was written from") {
    const Folder folder;
    folder.write("sample.so", "");
    const std::vector<plugin::Description> plugins = {sample("first"), sample("second")};
    folder.write("sample.json", tools::to_manifest(plugins, "sample.so"));
    const auto read = tools::read_manifests(folder.path);
    REQUIRE(read.size() == 2);
    CHECK(declares_same(read[0], plugins[0]));
    CHECK(declares_same(read[1], plugins[1]));
    CHECK(read[0].library == (folder.path / "sample.so").string());
    CHECK(read[0].parameters[0].most == std::numeric_limits<double>::infinity());
    CHECK(read[0].metrics[0].direction == plugin::Direction::maximize);
}

TEST_CASE("a manifest without its library offers nothing") {
    const Folder folder;
    const std::vector<plugin::Description> plugins = {sample("first")};
    folder.write("sample.json", tools::to_manifest(plugins, "sample.so"));
    CHECK(tools::read_manifests(folder.path).empty());
    CHECK(tools::read_manifests(folder.path / "absent").empty());
}

TEST_CASE("a damaged manifest is named") {
    const Folder folder;
    folder.write("broken.json", "{\"format\": 1, \"library\":");
    CHECK(refusal(folder).find("broken.json") != std::string::npos);
    folder.write("broken.json", R"({"format": 2, "library": "x.so", "plugins": []})");
    CHECK(refusal(folder).find("found manifest format 2, expected 1") != std::string::npos);
}

TEST_CASE("plug-ins that declare different things differ") {
    const plugin::Description before = sample("first");
    plugin::Description after = before;
    after.metrics[0].unit = "ms";
    CHECK_FALSE(tools::declares_same(before, after));
    after = before;
    after.parameters[0].default_value = "32";
    CHECK_FALSE(tools::declares_same(before, after));
    after = before;
    after.library = "elsewhere.so";
    CHECK(tools::declares_same(before, after));
}

TEST_CASE("the manifest of every shipped module states what its library declares") {
    const auto stated = tools::read_manifests(SOTTO_BINARY_DIRECTORY "/lib/sotto/plugins");
    if (stated.empty()) {
        SOTTO_SKIP("no plug-in of this build is a module");
    }
    plugin::Registry registry({});
    for (const plugin::Description& description : stated) {
        registry.load_library(description.library);
    }
    const auto declared = registry.list();
    REQUIRE(stated.size() == declared.size());
    for (std::size_t i = 0; i < stated.size(); ++i) {
        CAPTURE(stated[i].id);
        CHECK(declares_same(stated[i], declared[i]));
    }
}
