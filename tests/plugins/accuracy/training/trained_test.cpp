// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/engine/run/scratch_directory.hpp"
#include "tests/plugins/accuracy/flat_network.hpp"
#include "tests/plugins/accuracy/proxy_library.hpp"
#include "tests/plugins/accuracy/training/quadrant_images.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::accuracy_test;
using sotto::matchers::contains_text;
using sotto::run::test::content;
using sotto::run::test::put;
using sotto::run::test::ScratchDirectory;

namespace {

namespace fs = std::filesystem;

using Parameters = std::map<std::string, std::string>;

/// 80 images to train on, 40 to validate and to test with.
class Quadrants {
  public:
    Quadrants() { write_quadrant_images(folder_.path(), 120, 40); }

    Parameters parameters(const Parameters& more = {}) const {
        Parameters result{{"data", folder_.path().string()}, {"validation", "40"}, {"batch", "16"}, {"epochs", "4"},
                          {"learning_rate", "0.05"},         {"flip", "false"},    {"shift", "1"},  {"patience", "0"}};
        for (const auto& [name, value] : more) {
            result[name] = value;
        }
        return result;
    }

    Proxy create(const Parameters& more = {}) const {
        std::string problem;
        Proxy proxy = ProxyLibrary::get().create("trained", parameters(more), &problem);
        INFO(problem);
        REQUIRE(proxy.instance() != nullptr);
        return proxy;
    }

  private:
    ScratchDirectory folder_;
};

FlatNetwork small(std::int32_t activation = SOTTO_ACTIVATION_RELU) {
    FlatNetwork net;
    const auto first = net.activation(net.convolution(net.input(1, 8, 8), 6, 3, 1, 1), activation);
    const auto pooled = net.pool(first, SOTTO_LAYER_MAX_POOL, 2, 2);
    const auto joined = net.concat({net.convolution(pooled, 4, 1), net.convolution(pooled, 4, 3, 1, 1)});
    net.fully_connected(net.flatten(net.activation(joined, activation)), 4);
    return net;
}

std::vector<fs::path> files_in(const fs::path& folder, const std::string& extension) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == extension) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::size_t lines_of(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("trained answers shares and epochs") {
    const Quadrants data;
    FlatNetwork net = small();
    const Answer answer = data.create({{"epochs", "12"}}).evaluate(net.view(), 5);
    REQUIRE(answer.status == SOTTO_OK);
    CHECK(answer.metrics[0] > 0.9);
    CHECK(answer.metrics[1] > 0.9);
    CHECK(answer.metrics[2] == 12);
    // Shares of 40 images.
    CHECK(std::fabs(answer.metrics[0] * 40 - std::round(answer.metrics[0] * 40)) < 1e-9);
}

TEST_CASE("trained answers the same on any thread and in any order") {
    const Quadrants data;
    std::vector<FlatNetwork> networks{small(), small(SOTTO_ACTIVATION_SQUARE), small(SOTTO_ACTIVATION_IDENTITY)};
    std::vector<Candidate> candidates;
    candidates.reserve(networks.size());
    for (FlatNetwork& network : networks) {
        candidates.push_back({&network.view(), 10 + candidates.size()});
    }
    const Proxy proxy = data.create({{"batch", "10"}});
    std::vector<std::vector<double>> alone;
    alone.reserve(candidates.size());
    for (const Candidate& candidate : candidates) {
        alone.push_back(proxy.evaluate(*candidate.network, candidate.seed).metrics);
    }
    const ScratchDirectory kept;
    const Proxy keeping = data.create({{"batch", "10"}, {"state_directory", kept.path().string()}});
    for (const Proxy* const chosen : {&proxy, &keeping}) {
        std::vector<std::vector<Answer>> found(3);
        std::vector<std::thread> threads;
        for (std::size_t thread = 0; thread < found.size(); ++thread) {
            threads.emplace_back([&, thread] {
                std::vector<Candidate> turned = candidates;
                std::rotate(turned.begin(), turned.begin() + static_cast<std::ptrdiff_t>(thread), turned.end());
                found[thread] = chosen->evaluate(turned);
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        for (std::size_t thread = 0; thread < found.size(); ++thread) {
            for (std::size_t index = 0; index < candidates.size(); ++index) {
                CHECK(found[thread][index].metrics == alone[(index + thread) % candidates.size()]);
            }
        }
    }
    CHECK(files_in(kept.path(), ".checkpoint").size() == 3);
    CHECK(files_in(kept.path(), ".partial").empty());
}

TEST_CASE("a training that stops and goes on is that which never stopped") {
    const Quadrants data;
    FlatNetwork net = small();
    const ScratchDirectory whole;
    const ScratchDirectory parts;
    const Answer uninterrupted = data.create({{"state_directory", whole.path().string()}}).evaluate(net.view(), 5);
    REQUIRE(uninterrupted.status == SOTTO_OK);
    std::vector<Answer> stops;
    for (const char* const stop : {"1", "3", "4"}) {
        stops.push_back(data.create({{"state_directory", (parts.path() / "made").string()}, {"stop_after", stop}})
                            .evaluate(net.view(), 5));
        REQUIRE(stops.back().status == SOTTO_OK);
        CHECK(stops.back().metrics[2] == std::stod(stop));
        CHECK(lines_of(content(files_in(parts.path() / "made", ".csv").at(0))) ==
              static_cast<std::size_t>(std::stoi(stop)) + 1);
        // What a call answers does not depend on those before it.
        CHECK(stops.back().metrics == data.create({{"stop_after", stop}}).evaluate(net.view(), 5).metrics);
    }
    CHECK(stops.back().metrics == uninterrupted.metrics);
    const fs::path curve = files_in(whole.path(), ".csv").at(0);
    CHECK(content(curve) == content(files_in(parts.path() / "made", ".csv").at(0)));
    // Asked again, it knows; asked for an epoch that is gone, it trains anew and leaves the files alone.
    const std::string checkpoint = content(files_in(parts.path() / "made", ".checkpoint").at(0));
    for (const char* const stop : {"1", "2"}) {
        const Answer again = data.create({{"state_directory", (parts.path() / "made").string()}, {"stop_after", stop}})
                                 .evaluate(net.view(), 5);
        CHECK(again.metrics == data.create({{"stop_after", stop}}).evaluate(net.view(), 5).metrics);
    }
    CHECK(content(files_in(parts.path() / "made", ".checkpoint").at(0)) == checkpoint);
}

TEST_CASE("a training that is cancelled keeps its checkpoint and goes on from it") {
    const Quadrants data;
    FlatNetwork net = small();
    const Answer uninterrupted = data.create().evaluate(net.view(), 5);
    const ScratchDirectory kept;
    const Proxy proxy = data.create({{"state_directory", kept.path().string()}});
    int cancelled = 0;
    // Questions are asked at every layer of every batch: some 60 an epoch.
    for (int questions = 10; questions < 400; questions += 60) {
        ProxyLibrary::cancel_after(questions);
        const Answer answer = proxy.evaluate(net.view(), 5);
        ProxyLibrary::cancel_after(-1);
        if (answer.status == SOTTO_CANCELLED) {
            ++cancelled;
        } else {
            REQUIRE(answer.status == SOTTO_OK);
            CHECK(answer.metrics == uninterrupted.metrics);
        }
    }
    CHECK(cancelled >= 2);
    REQUIRE(files_in(kept.path(), ".checkpoint").size() == 1);
    CHECK(proxy.evaluate(net.view(), 5).metrics == uninterrupted.metrics);
}

TEST_CASE("a checkpoint that is damaged or another's is answered") {
    const Quadrants data;
    FlatNetwork net = small();
    const ScratchDirectory kept;
    const Proxy proxy = data.create({{"state_directory", kept.path().string()}, {"stop_after", "1"}});
    REQUIRE(proxy.evaluate(net.view(), 5).status == SOTTO_OK);
    const fs::path path = files_in(kept.path(), ".checkpoint").at(0);
    const std::string good = content(path);

    std::string damaged = good;
    damaged[good.size() / 2] = static_cast<char>(damaged[good.size() / 2] ^ 4);
    for (const std::string& bytes : {damaged, good.substr(0, 100), std::string(), std::string("hello\n")}) {
        put(path, bytes);
        const Answer answer = proxy.evaluate(net.view(), 5);
        CHECK(answer.status == SOTTO_INVALID_ARGUMENT);
        CHECK_THAT(answer.text, contains_text(path.string()));
        CHECK_THAT(answer.text, contains_text("checkpoint"));
        CHECK_THAT(answer.text, contains_text("without the file, training begins anew"));
        CHECK(content(path) == bytes);
    }
    put(path, good);
    REQUIRE(proxy.evaluate(net.view(), 6).status == SOTTO_OK);
    for (const fs::path& other : files_in(kept.path(), ".checkpoint")) {
        if (other != path) {
            put(path, content(other));
        }
    }
    CHECK_THAT(proxy.evaluate(net.view(), 5).text, contains_text("of another candidate, data set or settings"));
}

TEST_CASE("each training of a state directory has files of its own") {
    const Quadrants data;
    FlatNetwork net = small();
    FlatNetwork square = small(SOTTO_ACTIVATION_SQUARE);
    const ScratchDirectory kept;
    const Parameters base{{"state_directory", kept.path().string()}, {"epochs", "1"}};
    const auto evaluate = [&](FlatNetwork& network, std::uint64_t seed, const Parameters& more) {
        Parameters all = base;
        all.insert(more.begin(), more.end());
        REQUIRE(data.create(all).evaluate(network.view(), seed).status == SOTTO_OK);
        return files_in(kept.path(), ".csv").size();
    };
    CHECK(evaluate(net, 5, {}) == 1);
    CHECK(evaluate(net, 6, {}) == 2);
    CHECK(evaluate(square, 5, {}) == 3);
    CHECK(evaluate(net, 5, {{"momentum", "0.5"}}) == 4);
    CHECK(evaluate(net, 5, {{"batch_norm", "as_is"}}) == 5);
    CHECK(evaluate(net, 5, {{"training_images", "40"}}) == 6);
    CHECK(evaluate(net, 5, {}) == 6);
}

TEST_CASE("a network that does not fit the data set is unsupported and says why") {
    const Quadrants data;
    const Proxy proxy = data.create();
    FlatNetwork colour;
    colour.fully_connected(colour.flatten(colour.input(3, 8, 8)), 4);
    Answer answer = proxy.evaluate(colour.view(), 1);
    CHECK(answer.status == SOTTO_UNSUPPORTED);
    CHECK_THAT(answer.text, contains_text("takes images of 3 x 8 x 8, those of the data set are 1 x 8 x 8"));
    FlatNetwork narrow;
    narrow.fully_connected(narrow.flatten(narrow.input(1, 8, 8)), 3);
    answer = proxy.evaluate(narrow.view(), 1);
    CHECK(answer.status == SOTTO_UNSUPPORTED);
    CHECK_THAT(answer.text, contains_text("gives 3 x 1 x 1 numbers, the data set needs one for each of 4 classes"));
    FlatNetwork map;
    map.convolution(map.input(1, 8, 8), 4, 1);
    CHECK(proxy.evaluate(map.view(), 1).status == SOTTO_UNSUPPORTED);
    FlatNetwork nothing;
    nothing.flatten(nothing.input(1, 8, 8));
    CHECK_THAT(proxy.evaluate(nothing.view(), 1).text, contains_text("no weights"));
    FlatNetwork wide;
    wide.fully_connected(wide.global_pool(wide.convolution(wide.input(1, 8, 8), 200, 3, 1, 1)), 4);
    answer = data.create({{"memory_limit", "1"}}).evaluate(wide.view(), 1);
    CHECK(answer.status == SOTTO_UNSUPPORTED);
    CHECK_THAT(answer.text, contains_text("memory_limit allows 1"));
}

TEST_CASE("a training that diverges is answered with numbers") {
    const Quadrants data;
    FlatNetwork net = small(SOTTO_ACTIVATION_SQUARE);
    const ScratchDirectory kept;
    const Proxy proxy = data.create({{"learning_rate", "100"},
                                     {"gradient_norm", "0"},
                                     {"batch_norm", "as_is"},
                                     {"warm_up", "0"},
                                     {"state_directory", kept.path().string()}});
    const Answer answer = proxy.evaluate(net.view(), 5);
    REQUIRE(answer.status == SOTTO_OK);
    for (const double metric : answer.metrics) {
        CHECK(std::isfinite(metric));
    }
    CHECK(answer.metrics[0] >= 0);
    CHECK(answer.metrics[2] < 4);
    CHECK(proxy.evaluate(net.view(), 5).metrics == answer.metrics);
}

TEST_CASE("what trained cannot begin with is refused") {
    const Quadrants data;
    const auto problem = [&](const Parameters& more) {
        std::string text = "no problem";
        ProxyLibrary::get().create("trained", data.parameters(more), &text);
        return text;
    };
    CHECK(problem({}) == "no problem");
    CHECK_THAT(problem({{"data", "/nowhere"}}), contains_text("/nowhere: not a folder"));
    CHECK_THAT(problem({{"stop_after", "5"}}), contains_text("'stop_after': found 5"));
    CHECK(problem({{"warm_up", "4"}}) == "no problem");
    CHECK_THAT(problem({{"warm_up", "4.5"}}), contains_text("'warm_up': found 4.5, expected at most the epochs"));
    CHECK_THAT(problem({{"validation", "120"}}), contains_text("too few"));
    CHECK_THAT(problem({{"batch_norm", "never"}}), contains_text("never"));
}

TEST_CASE("trained declares what to choose by and what to report alone") {
    const sotto_descriptor& descriptor = ProxyLibrary::get().descriptor("trained");
    std::map<std::string, std::int32_t> directions;
    for (std::uint32_t index = 0; index < descriptor.metric_count; ++index) {
        directions[descriptor.metrics[index].name] = descriptor.metrics[index].direction;
    }
    CHECK(directions == std::map<std::string, std::int32_t>{{"accuracy.validation", SOTTO_DIRECTION_MAXIMIZE},
                                                            {"accuracy.test", SOTTO_DIRECTION_NEUTRAL},
                                                            {"training.epochs", SOTTO_DIRECTION_NEUTRAL}});
}
