// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/registry.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/engine/plugin/message_of.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::plugin;
using sotto::matchers::contains_text;

namespace {

const std::string folder = SOTTO_TEST_PLUGINS "/";
const std::string good = folder + "test_plugin_plain_c.so";

std::string load_message(const std::string& path) {
    return message_of([&] {
        Registry registry({});
        registry.load_library(path);
    });
}

}  // namespace

TEST_CASE("a plug-in in plain C is loaded and described") {
    Registry registry({});
    registry.load_library(good);
    const Description& description = registry.describe(Kind::cost_model, "plain-counter");
    CHECK(description.version == "1.0");
    CHECK(description.library == std::filesystem::canonical(good).string());
    CHECK(description.needs_program);
    CHECK_FALSE(description.needs_network);
    CHECK(description.deterministic);
    CHECK(description.thread_level == ThreadLevel::shared);
    CHECK(description.typical_cost_us == 0.5);
    REQUIRE(description.metrics.size() == 2);
    CHECK(description.metrics[0].name == "latency.total_ms");
    CHECK(description.metrics[0].unit == "ms");
    CHECK(description.metrics[0].direction == Direction::minimize);
    CHECK(description.metrics[0].non_negative);
    REQUIRE(description.parameters.size() == 4);
    CHECK(description.parameters[0].required);
    CHECK(description.parameters[1].choices == std::vector<std::string>{"plain", "double"});
    CHECK(description.parameters[2].type == ParameterType::integer);
    CHECK(registry.list().size() == 1);
}

TEST_CASE("loading the same file twice loads it once, whatever path leads to it") {
    Registry registry({});
    registry.load_library(good);
    registry.load_library(good);
    registry.load_library(folder + "../plugin/test_plugin_plain_c.so");
    CHECK(registry.list().size() == 1);
}

TEST_CASE("another library with an id that is taken is refused and the first stays") {
    Registry registry({});
    registry.load_library(good);
    const std::string again = folder + "test_plugin_plain_c_again.so";
    const std::string message = message_of([&] { registry.load_library(again); });
    CHECK_THAT(message, contains_text("test_plugin_plain_c_again.so"));
    CHECK_THAT(message, contains_text("'plain-counter'"));
    CHECK_THAT(message, contains_text("test_plugin_plain_c.so"));
    CHECK(registry.list().size() == 1);
    CHECK_NOTHROW(registry.create(Kind::cost_model, "plain-counter", {{"price", "1"}}));
}

TEST_CASE("a refused built-in is taken down again, one that is taken stays until the end") {
    static int alive = 0;
    static std::uint32_t offered = 0;
    static const sotto_metric metric = {sizeof(sotto_metric), SOTTO_DIRECTION_MAXIMIZE, 0, 0, "score", "1", "a score"};
    static const sotto_descriptor descriptor = {sizeof(sotto_descriptor),
                                                SOTTO_NEEDS_NETWORK,
                                                0,
                                                SOTTO_THREADS_NONE,
                                                "twin",
                                                "1",
                                                "a twin",
                                                1,
                                                sizeof(sotto_metric),
                                                &metric,
                                                0,
                                                0,
                                                nullptr,
                                                nullptr,
                                                nullptr,
                                                0,
                                                0,
                                                1,
                                                0,
                                                0};
    static const sotto_factory factory = {
        sizeof(sotto_factory), 0, [](const sotto_factory*) { return offered; },
        [](const sotto_factory*, std::uint32_t) { return &descriptor; },
        [](const sotto_factory*, const sotto_host*, const char*, const sotto_argument* const*, std::uint32_t,
           sotto_instance**, const sotto_error_sink*) -> sotto_status { return SOTTO_INTERNAL; }};
    const sotto_plugin_entry_v1 entry = {
        SOTTO_PLUGIN_ABI_VERSION, sizeof(sotto_plugin_entry_v1),
        [](const char* path, const sotto_host*, const sotto_error_sink*) -> sotto_status {
            CHECK(path == nullptr);
            ++alive;
            return SOTTO_OK;
        },
        [] { --alive; },
        [](const char* id) { return std::string_view(id) == SOTTO_ACCURACY_PROXY_FACTORY ? &factory : nullptr; }};
    {
        Registry registry({});
        offered = 0;
        CHECK_THAT(message_of([&] { registry.add_built_in(entry, "twins"); }),
                   contains_text("built-in plug-in 'twins': found no plug-in"));
        offered = 2;
        CHECK_THAT(message_of([&] { registry.add_built_in(entry, "twins"); }),
                   contains_text("found accuracy proxy 'twin', which the same library offers already"));
        CHECK(alive == 0);
        CHECK(registry.list().empty());
        offered = 1;
        registry.add_built_in(entry, "twins");
        CHECK(alive == 1);
        CHECK_THAT(message_of([&] { registry.add_built_in(entry, "more"); }),
                   contains_text("the program itself offers already"));
        CHECK(alive == 1);
        CHECK_THAT(message_of([&] { registry.create(Kind::accuracy_proxy, "twin", {}); }),
                   contains_text("cannot be created: internal error: no reason given"));
    }
    CHECK(alive == 0);
}

TEST_CASE("a library that is not there names the nearest beside it") {
    const std::string message = load_message(folder + "test_plugin_plain_d.so");
    CHECK_THAT(message, contains_text("test_plugin_plain_d.so': found no such file"));
    CHECK_THAT(message, contains_text("did you mean 'test_plugin_plain_c.so'?"));
}

TEST_CASE("a folder is no plug-in library") {
    CHECK_THAT(load_message(folder), contains_text("found a directory, expected a shared library"));
}

TEST_CASE("a file that is no library is refused with the loader's reason") {
    const std::string path = folder + "not_a_library.so";
    std::ofstream(path) << "this is a text, and long enough to be read as a header of a shared library would be read";
    const std::string message = load_message(path);
    CHECK_THAT(message, contains_text("not_a_library.so': cannot be loaded: found "));
    CHECK_THAT(message, contains_text("expected a shared library for this platform"));
}

TEST_CASE("a library without the entry symbol is refused by name") {
    const std::string message = load_message(folder + "test_plugin_missing_symbol.so");
    CHECK_THAT(message, contains_text("test_plugin_missing_symbol.so': found no symbol 'sotto_plugin_entry'"));
}

TEST_CASE("a library for another ABI version is refused before any call") {
    const std::string message = load_message(folder + "test_plugin_wrong_version.so");
    CHECK_THAT(message, contains_text("test_plugin_wrong_version.so"));
    CHECK_THAT(message, contains_text("found version 8, expected 1"));
}

TEST_CASE("an entry that is too short is refused before any call") {
    const std::string message = load_message(folder + "test_plugin_short_entry.so");
    CHECK_THAT(message, contains_text("found struct_size 16, expected at least 32"));
}

TEST_CASE("a library whose init throws or fails is refused with its reason") {
    CHECK_THAT(load_message(folder + "test_plugin_init_throws.so"),
               contains_text("init: an exception escaped: no licence found"));
    CHECK_THAT(load_message(folder + "test_plugin_init_fails.so"),
               contains_text("init: internal error: weights are damaged"));
}

TEST_CASE("a declared library is loaded when its id is first asked for") {
    Registry registry({});
    registry.declare_loadable(Kind::cost_model, "plain-counter", good);
    registry.declare_loadable(Kind::cost_model, "nowhere", folder + "absent.so");
    CHECK(registry.list().empty());
    CHECK(registry.describe(Kind::cost_model, "plain-counter").id == "plain-counter");
    CHECK(registry.list().size() == 1);
    CHECK_THAT(message_of([&] { registry.describe(Kind::cost_model, "nowhere"); }),
               contains_text("found no such file"));
}

TEST_CASE("a declared library that does not offer the id is an error") {
    Registry registry({});
    registry.declare_loadable(Kind::cost_model, "other", good);
    const std::string message = message_of([&] { registry.describe(Kind::cost_model, "other"); });
    CHECK_THAT(message, contains_text("found no cost model 'other'"));
}

TEST_CASE("an unknown id lists what is known and names the nearest") {
    Registry registry({});
    CHECK_THAT(message_of([&] { registry.describe(Kind::accuracy_proxy, "synflow"); }),
               contains_text("found 'synflow', expected none: no accuracy proxy is registered"));
    registry.load_library(good);
    registry.declare_loadable(Kind::cost_model, "lstm", folder + "lstm.so");
    const std::string message = message_of([&] { registry.describe(Kind::cost_model, "plane-counter"); });
    CHECK_THAT(message, contains_text("'plain-counter' or 'lstm'"));
    CHECK_THAT(message, contains_text("did you mean 'plain-counter'?"));
}

TEST_CASE("arguments are checked against the declaration") {
    Registry registry({});
    registry.load_library(good);
    const auto message = [&](const std::map<std::string, std::string>& arguments) {
        return message_of([&] { registry.create(Kind::cost_model, "plain-counter", arguments); });
    };
    CHECK_THAT(message({}), contains_text("parameter 'price' is required and missing"));
    CHECK_THAT(message({{"price", "1"}, {"prise", "2"}}),
               contains_text("found 'prise'") && contains_text("did you mean 'price'?"));
    CHECK_THAT(message({{"price", "cheap"}}), contains_text("found 'cheap', expected a number from 0 to 1000"));
    CHECK_THAT(message({{"price", "1e4"}}), contains_text("found '1e4', expected a number from 0 to 1000"));
    CHECK_THAT(message({{"price", "nan"}}), contains_text("found 'nan'"));
    CHECK_THAT(message({{"price", "1 "}}), contains_text("found '1 '"));
    CHECK_THAT(message({{"price", "1"}, {"mode", "dubble"}}),
               contains_text("found 'dubble', expected 'plain' or 'double'; did you mean 'double'?"));
    CHECK_THAT(message({{"price", "1"}, {"repeat", "1.5"}}), contains_text("expected a whole number from 1 to 8"));
    CHECK_THAT(message({{"price", "1"}, {"repeat", "9"}}), contains_text("expected a whole number from 1 to 8"));
    CHECK_THAT(message({{"price", "1"}, {"verbose", "yes"}}), contains_text("found 'yes', expected 'true' or 'false'"));
}

TEST_CASE("a plug-in reaches the host's services") {
    std::vector<std::string> texts;
    bool cancelled = false;
    Registry registry({.log =
                           [&](int level, std::string_view text) {
                               CHECK(level == SOTTO_LOG_INFO);
                               texts.emplace_back(text);
                           },
                       .is_cancelled = [&] { return cancelled; }});
    registry.load_library(good);
    registry.create(Kind::cost_model, "plain-counter", {{"price", "1"}, {"verbose", "true"}});
    cancelled = true;
    registry.create(Kind::cost_model, "plain-counter", {{"price", "1"}, {"verbose", "true"}});
    CHECK(texts == std::vector<std::string>{"counting", "stopping"});
}

TEST_CASE("an instance that cannot be made says why") {
    Registry registry({});
    registry.load_library(folder + "test_plugin_misbehaving.so");
    CHECK_THAT(message_of([&] { registry.create(Kind::cost_model, "cannot-create", {}); }),
               contains_text("cost model 'cannot-create'") && contains_text("invalid argument: model file is missing"));
    CHECK_THAT(message_of([&] { registry.create(Kind::cost_model, "half-made", {}); }),
               contains_text("cost model 'half-made'") && contains_text("incomplete instance"));
    CHECK_THAT(message_of([&] { registry.create(Kind::cost_model, "creates-nothing", {}); }),
               contains_text("cost model 'creates-nothing'") && contains_text("found a null instance"));
}
