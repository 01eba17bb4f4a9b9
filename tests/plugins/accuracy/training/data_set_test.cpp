// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/training/data_set.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "plugins/accuracy/candidate_error.hpp"
#include "tests/engine/run/scratch_directory.hpp"
#include "tests/plugins/accuracy/training/quadrant_images.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::accuracy;
using namespace sotto::accuracy_test;
using sotto::matchers::contains_text;

namespace {

DataSetSettings settings(std::int64_t validation, std::int64_t training = 0, std::uint64_t seed = 1) {
    DataSetSettings result;
    result.folder = "quadrants";
    result.validation = validation;
    result.training_images = training;
    result.seed = seed;
    return result;
}

DataSet make(const DataSetSettings& chosen) {
    return DataSet(quadrant_images(100, 1), quadrant_images(20, 2), chosen);
}

std::vector<std::uint32_t> copy(std::span<const std::uint32_t> numbers) {
    return {numbers.begin(), numbers.end()};
}

std::string error_of(const DataSetSettings& chosen) {
    try {
        open_data_set(chosen);
    } catch (const CandidateError& error) {
        CHECK(error.status() == SOTTO_INVALID_ARGUMENT);
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("held out images are not trained on and all images are used") {
    const DataSet data = make(settings(30));
    CHECK(data.validation().size() == 30);
    CHECK(data.training().size() == 70);
    std::set<std::uint32_t> all(data.validation().begin(), data.validation().end());
    all.insert(data.training().begin(), data.training().end());
    CHECK(all.size() == 100);
    CHECK(*all.rbegin() == 99);
}

TEST_CASE("fewer training images are a part of all with the same ones held out") {
    const DataSet all = make(settings(30));
    const DataSet few = make(settings(30, 10));
    CHECK(copy(few.validation()) == copy(all.validation()));
    CHECK(copy(few.training()) == copy(all.training().first(10)));
    CHECK(few.fingerprint() != all.fingerprint());
}

TEST_CASE("the seed of the data alone decides what is held out") {
    CHECK(copy(make(settings(30)).validation()) == copy(make(settings(30)).validation()));
    CHECK(copy(make(settings(30)).validation()) != copy(make(settings(30, 0, 2)).validation()));
    CHECK(make(settings(30)).fingerprint() == make(settings(30)).fingerprint());
}

TEST_CASE("too few images and a folder without any are refused") {
    CHECK_THROWS_WITH(make(settings(100)), contains_text("has 100 training images: too few for validation 100") &&
                                               contains_text("validation leaves"));
    CHECK_THROWS_WITH(make(settings(60, 41)), contains_text("training_images 41"));
    CHECK_NOTHROW(make(settings(60, 40)));
    DataSetSettings missing = settings(1);
    missing.folder = "/nowhere";
    CHECK_THAT(error_of(missing), contains_text("/nowhere: not a folder"));
}

TEST_CASE("a data set that is opened again is the same one until its files change") {
    const sotto::run::test::ScratchDirectory folder;
    write_quadrant_images(folder.path(), 50, 10);
    DataSetSettings chosen = settings(10);
    chosen.folder = folder.path().string();
    const auto first = open_data_set(chosen);
    CHECK(open_data_set(chosen) == first);
    write_quadrant_images(folder.path(), 60, 10);
    const auto second = open_data_set(chosen);
    CHECK(first->training().size() == 40);
    CHECK(second->training().size() == 50);
}

TEST_CASE("a permutation holds every number once and every order is as likely") {
    std::vector<int> counts(6);
    for (std::uint32_t index = 0; index < 6000; ++index) {
        std::vector<std::uint32_t> order =
            draw_permutation(3, sotto::random::Stream(1, 0, index, sotto::random::Purpose::test));
        ++counts.at(order[0] * 2 + (order[1] > order[2] ? 1 : 0));
        std::sort(order.begin(), order.end());
        CHECK(order == std::vector<std::uint32_t>{0, 1, 2});
    }
    for (const int count : counts) {
        CHECK(std::abs(count - 1000) < 200);
    }
}
