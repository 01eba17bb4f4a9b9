// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/descriptor_check.hpp"

#include <cmath>
#include <functional>
#include <string>

#include "tests/engine/plugin/message_of.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::plugin;
using sotto::matchers::contains_text;

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
    CHECK_THAT(message_of([] { check_descriptor(nullptr, Kind::cost_model, "here"); }),
               contains_text("here: a cost model"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.struct_size = 40; }), contains_text("found struct_size 40"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.id = nullptr; }), contains_text("id is missing"));
    for (const char* id : {"", "Sample", "-sample", "sample-", "sam ple", "9lives", "sam_ple"}) {
        CHECK_THAT(spoilt([&](Sample& s) { s.descriptor.id = id; }), contains_text("found '" + std::string(id) + "'"));
    }
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.version = nullptr; }), contains_text("the version is missing"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.needs = 0; }), contains_text("'needs' is not valid: found 0"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.needs = 12; }), contains_text("found 12"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.thread_level = 3; }), contains_text("found 3, expected 0 to 2"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.typical_cost_us = std::nan(""); }), contains_text("typical cost"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.typical_cost_us = -1; }), contains_text("typical cost"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.layer_kind_count = 1; }),
               contains_text("layer kinds") && contains_text("null with a count of 1"));
}

TEST_CASE("each fault of a metric declaration is refused by what is wrong") {
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.metric_count = 0; }), contains_text("no metric is declared"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.metric_count = 5000; }), contains_text("found 5000"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.metrics = nullptr; }), contains_text("array of metrics is missing"));
    CHECK_THAT(spoilt([](Sample& s) { s.descriptor.metric_stride = 8; }), contains_text("stride of metrics"));
    CHECK_THAT(spoilt([](Sample& s) { s.metrics[1].name = "latency.total_ms"; }), contains_text("declared twice"));
    CHECK_THAT(spoilt([](Sample& s) { s.metrics[1].name = "Accuracy"; }), contains_text("found 'Accuracy'"));
    CHECK_THAT(spoilt([](Sample& s) { s.metrics[0].unit = "s"; }),
               contains_text("contradicts its name: found 's', expected 'ms'"));
    CHECK_THAT(spoilt([](Sample& s) { s.metrics[1].unit = ""; }), contains_text("unit of metric 'accuracy.score'"));
    CHECK_THAT(spoilt([](Sample& s) { s.metrics[1].direction = 9; }), contains_text("found 9, expected 0 to 2"));
    CHECK_THAT(spoilt([](Sample& s) { s.metrics[1].struct_size = 36; }),
               contains_text("found struct_size 36, expected 40"));
    CHECK_THAT(spoilt([](Sample& s) { s.metrics[1].struct_size = 48; }),
               contains_text("found struct_size 48, expected 40"));
}

TEST_CASE("each fault of a parameter declaration is refused by what is wrong") {
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[1].name = "setting"; }), contains_text("declared twice"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[1].name = "how many"; }), contains_text("found 'how many'"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[1].type = 0; }), contains_text("found 0, expected 1 to 4"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[1].least = 9; }),
               contains_text("range of parameter 'batch' is empty"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[1].default_value = "12"; }),
               contains_text("the default of parameter 'batch'") && contains_text("'12'"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[0].default_value = "local"; }), contains_text("'local'"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[0].default_value = nullptr; }),
               contains_text("default of parameter"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[0].flags = SOTTO_PARAMETER_REQUIRED; }),
               contains_text("is required and has a default"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[1].choices = s.choices; }),
               contains_text("choices of parameter 'batch'"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[0].flags = 6; }), contains_text("flags of parameter 'setting'"));
    CHECK_THAT(spoilt([](Sample& s) { s.parameters[0].struct_size = 56; }), contains_text("found struct_size 56"));
    CHECK_THAT(spoilt([](Sample& s) { s.choices[0] = nullptr; }), contains_text("are empty"));
}
