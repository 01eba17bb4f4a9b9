// SPDX-License-Identifier: Apache-2.0
#include "cost_models/analytical/fit/measured_rows.hpp"

#include <string>

#include "engine/input/input_error.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::analytical;
using Catch::Matchers::StartsWith;
using sotto::matchers::contains_text;

namespace {

const std::string conv_header =
    "net,run,part,position,in_h,in_w,in_c,out_c,k_h,k_w,pad_top,pad_bottom,pad_left,pad_right,stride_h,stride_w,out_h,"
    "out_w,time_ms\n";
const std::string bn_header = "net,run,part,position,channels,height,width,bn_kind,time_ms\n";

std::string error_of(const std::string& text, LayerType type) {
    std::set<std::string> networks;
    try {
        parse_measured_rows(text, "table.csv", type, networks);
    } catch (const input::InputError& error) {
        return error.what();
    }
    FAIL_CHECK("no error for: " << text);
    return {};
}

}  // namespace

TEST_CASE("rows become features, times and configurations") {
    std::set<std::string> networks;
    const MeasuredRows rows = parse_measured_rows(conv_header +
                                                      "a,1,0,0,227,227,3,64,3,3,0,0,0,0,2,2,113,113,900\n"
                                                      "a,1,0,4,56,56,16,64,3,3,1,1,1,1,1,1,56,56,0\n"
                                                      "b,1,0,0,13,13,48,192,1,1,0,0,0,0,1,1,13,13,120\n"
                                                      "a,2,0,0,227,227,3,64,3,3,0,0,0,0,2,2,113,113,910\n",
                                                  "table.csv", LayerType::conv, networks);
    CHECK(networks == std::set<std::string>{"a", "b"});
    CHECK(rows.times_ms == std::vector<double>{900, 120, 910});
    CHECK(rows.left_out == 1);
    CHECK(rows.configurations == std::vector<std::uint32_t>{0, 1, 0});
    CHECK(rows.configuration_count == 2);
    // 2*3*3*3*113*113*64; 8*227*227*3; 8*3*3*3*64; 8*113*113*64
    CHECK(rows.features.at(0) == FeatureValues{44129664, 1236696, 13824, 6537728});
}

TEST_CASE("a batch normalisation is one configuration whichever way it ran") {
    std::set<std::string> networks;
    const MeasuredRows rows = parse_measured_rows(bn_header + "a,1,0,3,64,56,56,1,670\na,1,0,9,64,56,56,2,680\n",
                                                  "table.csv", LayerType::bn, networks);
    CHECK(rows.configuration_count == 1);
    CHECK(rows.features.at(0) == FeatureValues{200704, 64, 0, 0});
}

TEST_CASE("damaged tables are answered with line, column, found and expected") {
    CHECK_THAT(error_of("", LayerType::conv), StartsWith("table.csv:1:1: wrong header: found ''"));
    CHECK_THAT(error_of("net,run\n", LayerType::conv), contains_text("expected 'net,run,part,position,in_h"));
    CHECK_THAT(error_of(conv_header, LayerType::conv), contains_text("no row with a time"));
    CHECK_THAT(error_of(bn_header + "a,1,0,3,64,56,56,1\n", LayerType::bn),
               StartsWith("table.csv:2:19: too few fields: found the end of the line, expected 'time_ms'"));
    CHECK_THAT(error_of(bn_header + "a,1,0,3,64,56,56,1,670,5\n", LayerType::bn),
               StartsWith("table.csv:2:24: too many fields: found '5'"));
    CHECK_THAT(error_of(bn_header + "a,1,0,3,64,56,56,1,670\na,1,0,3,64,5x,56,1,670\n", LayerType::bn),
               StartsWith("table.csv:3:12: height is not valid: found '5x', expected a whole number from 1 to 65536"));
    CHECK_THAT(error_of(bn_header + "a,1,0,3,64,56,56,3,670\n", LayerType::bn),
               StartsWith("table.csv:2:18: bn_kind is not valid: found '3', expected a whole number from 1 to 2"));
    CHECK_THAT(error_of(bn_header + "a,1,0,3,64,56,56,1,-4\n", LayerType::bn), contains_text("found '-4'"));
    CHECK_THAT(error_of(bn_header + "a,1,0,3,64,56,56,1,6.5\n", LayerType::bn), contains_text("found '6.5'"));
    CHECK_THAT(error_of(bn_header + "a,1,0,3,64,56,56,1,670\r\n", LayerType::bn),
               contains_text("time_ms is not valid"));
    CHECK_THAT(error_of(bn_header + ",1,0,3,64,56,56,1,670\n", LayerType::bn),
               contains_text("the network has no name"));
    CHECK_THAT(error_of(bn_header + "\n", LayerType::bn), contains_text("the network has no name"));
    CHECK_THAT(error_of(conv_header + "a,1,0,0,227,227,3,64,3,3,0,0,0,0,2,2,114,113,900\n", LayerType::conv),
               contains_text("output sizes do not follow from the input: found 114x113"));
    CHECK_THAT(error_of(conv_header + "a,1,0,0,2,2,3,64,3,3,0,0,0,0,2,2,1,1,900\n", LayerType::conv),
               contains_text("output sizes do not follow from the input"));
}
