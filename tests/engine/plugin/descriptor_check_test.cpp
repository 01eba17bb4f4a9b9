// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/descriptor_check.hpp"

#include <cmath>
#include <functional>
#include <string>

#include "tests/engine/plugin/message_of.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::plugin;
using Catch::Matchers::Contains;

namespace {

// A sound descriptor, to be spoilt in one place.
struct Sample {
    const char* choices[3] = {"lan", "wan", nullptr};
    sotto_metric metrics[2] = {
        {sizeof(sotto_metric), SOTTO_DIRECTION_MINIMIZE, SOTTO_METRIC_NON_NEGATIVE, 0, "latency.total_ms", "ms",
         "all of it"},
        {sizeof(sotto_metric), SOTTO_DIRECTION_MAXIMIZE, 0, 0, "accuracy.score", "1", "how good"}};
    sotto_parameter parameters[2] = {
        {sizeof(sotto_parameter), SOTTO_PARAMETER_TEXT, 0, 0, 0, 0, "setting", "where", "lan", choices},
        {sizeof(sotto_parameter), SOTTO_PARAMETER_INTEGER, 0, 0, 1, 8, "batch", "how many", "4", nullptr}};
    sotto_descriptor descriptor = {sizeof(sotto_descriptor),
                                   SOTTO_NEEDS_PROGRAM,
                                   SOTTO_CAPABILITY_DETERMINISTIC,
                                   SOTTO_THREADS_SHARED,
                                   "sample",
                                   "1",
                                   "a sample",
                                   2,
                                   sizeof(sotto_metric),
                                   metrics,
                                   2,
                                   sizeof(sotto_parameter),
                                   parameters,
                                   nullptr,
                                   nullptr,
                                   0,
                                   0,
                                   1.0,
                                   0,
                                   0};
};

std::string spoilt(const std::function<void(Sample&)>& spoil) {
    Sample sample;
    spoil(sample);
    return message_of([&] { check_descriptor(&sample.descriptor, Kind::cost_model, "here"); });
}

}  // namespace

TEST_CASE("a sound descriptor is copied") {
    const Sample sample;
    const Description description = check_descriptor(&sample.descriptor, Kind::accuracy_proxy, "here");
    CHECK(description.kind == Kind::accuracy_proxy);
    CHECK(description.metrics.at(1).direction == Direction::maximize);
    CHECK(description.parameters.at(1).most == 8);
    CHECK(description.parameters.at(1).default_value == "4");
}

TEST_CASE("a metric array of longer structs is stepped by its stride") {
    struct Longer {
        sotto_metric metric;
        std::uint64_t added_later;
    };
    Longer longer[2] = {{{sizeof(sotto_metric), 0, 0, 0, "first", "1", ""}, 1},
                        {{sizeof(sotto_metric), 0, 0, 0, "second", "1", ""}, 2}};
    Sample sample;
    sample.descriptor.metrics = &longer[0].metric;
    sample.descriptor.metric_stride = sizeof(Longer);
    CHECK(check_descriptor(&sample.descriptor, Kind::cost_model, "here").metrics.at(1).name == "second");
}

TEST_CASE("each fault of a descriptor is refused by what is wrong") {
    CHECK_THAT(message_of([] { check_descriptor(nullptr, Kind::cost_model, "here"); }), Contains("here: a cost model"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.struct_size = 40; }), Contains("found struct_size 40"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.id = nullptr; }), Contains("id is missing"));
    for (const char* id : {"", "Sample", "-sample", "sample-", "sam ple", "9lives", "sam_ple"}) {
        CHECK_THAT(spoilt([&](Sample& s) { s.descriptor.id = id; }), Contains("found '" + std::string(id) + "'"));
    }
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.version = nullptr; }), Contains("the version is missing"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.needs = 0; }), Contains("'needs' is not valid: found 0"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.needs = 12; }), Contains("found 12"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.thread_level = 3; }), Contains("found 3, expected 0 to 2"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.typical_cost_us = std::nan(""); }), Contains("typical cost"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.typical_cost_us = -1; }), Contains("typical cost"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.layer_kind_count = 1; }),
               Contains("layer kinds") && Contains("null with a count of 1"));
}

TEST_CASE("each fault of a metric declaration is refused by what is wrong") {
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.metric_count = 0; }), Contains("no metric is declared"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.metric_count = 5000; }), Contains("found 5000"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.metrics = nullptr; }), Contains("array of metrics is missing"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.metric_stride = 8; }), Contains("stride of metrics"));
    CHECK_THAT(spoilt([](Sample& s) { s.metrics[1].name = "latency.total_ms"; }), Contains("declared twice"));
    CHECK_THAT(spoilt([](Sample& s) { s.metrics[1].name = "Accuracy"; }), Contains("found 'Accuracy'"));
    CHECK_THAT(spoilt([](Sample& s) { s.metrics[0].unit = "s"; }),
               Contains("contradicts its name: found 's', expected 'ms'"));
    CHECK_THAT(spoilt([](Sample& s) { s.metrics[1].unit = ""; }), Contains("unit of metric 'accuracy.score'"));
    CHECK_THAT(spoilt([](Sample& s) { s.metrics[1].direction = 9; }), Contains("found 9, expected 0 to 2"));
    CHECK_THAT(spoilt([](Sample& s) { s.metrics[1].struct_size = 36; }), Contains("found struct_size 36, expected 40"));
    CHECK_THAT(spoilt([](Sample& s) { s.metrics[1].struct_size = 48; }), Contains("found struct_size 48, expected 40"));
}

TEST_CASE("each fault of a parameter declaration is refused by what is wrong") {
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[1].name = "setting"; }), Contains("declared twice"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[1].name = "how many"; }), Contains("found 'how many'"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[1].type = 0; }), Contains("found 0, expected 1 to 4"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[1].least = 9; }), Contains("range of parameter 'batch' is empty"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[1].default_value = "12"; }),
               Contains("the default of parameter 'batch'") && Contains("'12'"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[0].default_value = "local"; }), Contains("'local'"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[0].default_value = nullptr; }), Contains("default of parameter"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[0].flags = SOTTO_PARAMETER_REQUIRED; }),
               Contains("is required and has a default"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[1].choices = s.choices; }),
               Contains("choices of parameter 'batch'"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[0].flags = 6; }), Contains("flags of parameter 'setting'"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[0].struct_size = 56; }), Contains("found struct_size 56"));
    CHECK_THAT(spoilt([](Sample& s) { s.choices[0] = nullptr; }), Contains("are empty"));
}
