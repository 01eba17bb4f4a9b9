// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/measurement_table.hpp"

#include <cmath>
#include <string>

#include "cost_models/training/operation_columns.hpp"
#include "engine/arch/network_yaml.hpp"
#include "engine/input/csv.hpp"
#include "engine/secure/lowering.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::training;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using sotto::matchers::contains_text;

namespace {

const std::string sizes =
    "network,run,position,op,in_h,in_w,in_c,out_h,out_w,out_c,k_h,k_w,stride_h,stride_w,pad_top,pad_bottom,pad_left,"
    "pad_right,numel,truncates";
const std::string header = sizes + ",client_ms,server_ms\n";
const std::string conv = "a,1,0,conv,32,32,3,16,16,8,3,3,2,2,1,0,1,0,2048,,12.5,9\n";
const std::string relu = "a,1,1,relu,,,,,,,,,,,,,,,2048,1,3,4.25\n";

std::string error_of(const std::string& text, Times times = Times::required) {
    try {
        parse_measurement_table(text, "table.csv", times);
    } catch (const input::InputError& error) {
        return error.what();
    }
    FAIL_CHECK("no error for: " << text);
    return {};
}

// Text with the first `from` replaced.
std::string with(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a table becomes executions of operations with times") {
    const MeasurementTable table = parse_measurement_table(header + conv + relu +
                                                               "a,1,2,fc,,,2048,,,10,,,,,,,,,10,,1,2\n"
                                                               "b,7,0,bn,8,8,4,8,8,4,,,,,,,,,256,,0,0\n",
                                                           "table.csv", Times::required);
    REQUIRE(table.executions.size() == 2);
    const Execution& first = table.executions[0];
    CHECK(first.network == "a");
    CHECK(first.run == 1);
    REQUIRE(first.operations.size() == 3);
    const sotto_operation& convolution = first.operations[0].operation;
    CHECK(convolution.struct_size == sizeof(sotto_operation));
    CHECK(convolution.kind == SOTTO_OPERATION_CONVOLUTION);
    CHECK(convolution.input.channels == 3);
    CHECK(convolution.output.width == 16);
    CHECK(convolution.window.stride_width == 2);
    CHECK(convolution.window.pad_top == 1);
    CHECK(convolution.window.pad_bottom == 0);
    CHECK(convolution.elements == 2048);
    CHECK(first.operations[0].client_ms == 12.5);
    CHECK(first.operations[0].server_ms == 9);
    CHECK(std::isnan(first.operations[0].client_cpu_ms));
    CHECK(std::isnan(first.operations[0].flows));
    CHECK(first.operations[0].line == 2);
    CHECK(first.operations[1].operation.truncates == 1);
    CHECK(first.operations[1].operation.layer == 1);
    CHECK(first.operations[2].operation.input.channels == 2048);
    CHECK(first.operations[2].operation.input.height == 1);
    CHECK(table.executions[1].run == 7);
    // ceil(64 / 4096) * 4 = 4 ciphertexts are not fewer than 3 ceil(256 / 4096) = 3.
    CHECK(table.executions[1].operations[0].operation.normalization == SOTTO_NORMALIZATION_ELEMENTWISE);
}

TEST_CASE("a batch normalisation says how it runs or the rule decides") {
    const std::string with_kind = sizes + ",bn_kind,client_ms,server_ms\n";
    const auto kind_of = [&](const std::string& row) {
        return parse_measurement_table(with_kind + row, "table.csv", Times::required)
            .executions[0]
            .operations[0]
            .operation.normalization;
    };
    CHECK(kind_of("a,1,0,bn,8,8,4,8,8,4,,,,,,,,,256,,homomorphic,1,1\n") == SOTTO_NORMALIZATION_HOMOMORPHIC);
    CHECK(kind_of("a,1,0,bn,8,8,4,8,8,4,,,,,,,,,256,,elementwise,1,1\n") == SOTTO_NORMALIZATION_ELEMENTWISE);
    CHECK(kind_of("a,1,0,bn,8,8,2,8,8,2,,,,,,,,,128,,,1,1\n") == SOTTO_NORMALIZATION_HOMOMORPHIC);
    CHECK_THAT(error_of(with_kind + "a,1,0,bn,8,8,2,8,8,2,,,,,,,,,128,,elementwize,1,1\n"),
               StartsWith("table.csv:2:35: unknown kind of batch normalisation: found 'elementwize'") &&
                   EndsWith("did you mean 'elementwise'?"));
    CHECK_THAT(error_of(with_kind + "a,1,0,relu,,,,,,,,,,,,,,,2048,1,elementwise,1,1\n"),
               contains_text("bn_kind has a value: found 'elementwise', expected nothing: relu has none"));
}

TEST_CASE("columns may stand in any order and rows end in CR LF") {
    const MeasurementTable table = parse_measurement_table(
        "server_ms,client_ms,truncates,numel,pad_right,pad_left,pad_bottom,pad_top,stride_w,stride_h,k_w,k_h,out_c,"
        "out_w,out_h,in_c,in_w,in_h,op,position,run,network\r\n"
        "4,3,0,77,,,,,,,,,,,,,,,relu,0,1,\"a, b\"\r\n",
        "table.csv", Times::required);
    CHECK(table.executions.at(0).network == "a, b");
    CHECK(table.executions.at(0).operations.at(0).operation.elements == 77);
    CHECK(table.executions.at(0).operations.at(0).server_ms == 4);
}

TEST_CASE("a program has no times") {
    const std::string program = sizes + "\na,1,0,relu,,,,,,,,,,,,,,,2048,1\n";
    const MeasurementTable table = parse_measurement_table(program, "table.csv", Times::optional);
    CHECK(std::isnan(table.executions.at(0).operations.at(0).client_ms));
    CHECK_THAT(error_of(program), StartsWith("table.csv:1:1: the header lacks a column: expected 'client_ms'"));
    const std::string gaps = header + conv + "a,1,1,relu,,,,,,,,,,,,,,,2048,1,,\n";
    CHECK(
        std::isnan(parse_measurement_table(gaps, "table.csv", Times::optional).executions[0].operations[1].server_ms));
    CHECK_THAT(error_of(gaps), StartsWith("table.csv:3:33: client_ms is missing: found '', expected milliseconds"));
    CHECK_THAT(error_of(with(gaps, "1,,\n", "1,5,\n"), Times::optional),
               contains_text("one role has a time and the other has none"));
    CHECK_THAT(error_of(sizes + ",client_ms\n", Times::optional),
               contains_text("the header lacks a column: expected 'server_ms'"));
}

TEST_CASE("a header is complete and has known columns once") {
    CHECK_THAT(error_of(""), StartsWith("table.csv:1:1: the file is empty"));
    CHECK_THAT(error_of(with(header, "stride_h", "stride_x")),
               StartsWith("table.csv:1:66: unknown column: found 'stride_x'") && EndsWith("did you mean 'stride_h'?"));
    CHECK_THAT(error_of(with(header, "run,", "")),
               StartsWith("table.csv:1:1: the header lacks a column: expected 'run'"));
    CHECK_THAT(error_of(with(header, "k_w", "k_h")), contains_text("a column stands twice: found 'k_h'"));
    CHECK_THAT(error_of(header), StartsWith("table.csv: the table has no row"));
}

TEST_CASE("rows have as many fields as the header") {
    CHECK_THAT(error_of(header + with(conv, ",9\n", "\n")),
               StartsWith("table.csv:2:1: too few fields: found 21, expected 22 as in the header"));
    CHECK_THAT(error_of(header + with(conv, ",9\n", ",9,7\n")),
               StartsWith("table.csv:2:57: too many fields: found 23"));
    CHECK_THAT(error_of(header + conv + "\n" + relu), StartsWith("table.csv:3:1: a line is empty"));
}

TEST_CASE("an unknown operation is refused by name and place") {
    CHECK_THAT(error_of(header + with(conv, "conv", "conf")),
               StartsWith("table.csv:2:7: unknown operation: found 'conf', expected 'conv', 'relu'") &&
                   EndsWith("did you mean 'conv'?"));
    CHECK_THAT(error_of(header + with(conv, "conv", "")), contains_text("unknown operation: found ''"));
}

TEST_CASE("numbers are whole where they count and finite and in range") {
    const auto damaged = [](const std::string& from, const std::string& to) {
        return error_of(header + with(conv, from, to));
    };
    CHECK_THAT(damaged(",32,32,", ",,32,"),
               StartsWith("table.csv:2:12: in_h is not valid: found '', expected a whole number from 1 to 65536"));
    CHECK_THAT(damaged(",32,32,", ",32,-32,"), StartsWith("table.csv:2:15: in_w is not valid: found '-32'"));
    CHECK_THAT(damaged(",32,32,", ",32,32.0,"), contains_text("in_w is not valid: found '32.0'"));
    CHECK_THAT(damaged(",32,32,", ",32, 32,"), contains_text("in_w is not valid: found ' 32'"));
    CHECK_THAT(damaged(",32,32,", ",32,99999999999999999999,"), contains_text("in_w is not valid"));
    CHECK_THAT(damaged("a,1,0", "a,0,0"), contains_text("run is not valid: found '0', expected a whole number from 1"));
    CHECK_THAT(damaged("a,1,0", "a,1,x"), contains_text("position is not valid: found 'x'"));
    CHECK_THAT(damaged("a,1,0", ",1,0"), contains_text("the network has no name"));
    CHECK_THAT(damaged("12.5", "-12.5"), contains_text("client_ms is not valid: found '-12.5'"));
    CHECK_THAT(damaged("12.5", "nan"), contains_text("client_ms is not valid: found 'nan'"));
    CHECK_THAT(damaged("12.5", "inf"), contains_text("client_ms is not valid: found 'inf'"));
    CHECK_THAT(damaged("12.5", "1e999"), contains_text("client_ms is not valid: found '1e999'"));
    CHECK_THAT(damaged("12.5", "2e9"), contains_text("client_ms is not valid: found '2e9'"));
    CHECK_THAT(damaged("12.5", "12,5"), contains_text("too many fields"));
    CHECK_THAT(damaged("12.5", "12.5ms"), contains_text("client_ms is not valid: found '12.5ms'"));
    CHECK_THAT(error_of(header + conv + with(relu, "2048,1,", "2048,,")),
               contains_text("truncates is not valid: found '', expected a whole number from 0 to 1"));
    CHECK_THAT(error_of(header + conv + with(relu, "2048", "1099511627777")), contains_text("numel is not valid"));
    const std::string counted = sizes + ",client_ms,server_ms,client_sent_bytes\n";
    CHECK_THAT(error_of(counted + with(relu, "a,1,1", "a,1,0").substr(0, relu.size() - 1) + ",1.5\n"),
               contains_text("client_sent_bytes is not valid: found '1.5', expected a whole number"));
}

TEST_CASE("an operation has the sizes it has and no other") {
    CHECK_THAT(error_of(header + conv + with(relu, "relu,,", "relu,,16")),
               StartsWith("table.csv:3:13: in_w has a value: found '16', expected nothing: relu has none"));
    CHECK_THAT(error_of(header + with(conv, "2048,,", "2048,0,")),
               contains_text("truncates has a value: found '0', expected nothing: conv has none"));
    CHECK_THAT(error_of(header + "a,1,0,fc,1,1,20,,,10,,,,,,,,,10,,1,2\n"), contains_text("in_h has a value"));
}

TEST_CASE("output sizes follow from the input") {
    CHECK_THAT(error_of(header + with(conv, ",16,16,", ",17,16,")),
               StartsWith("table.csv:2:20: out_h does not follow from the other sizes: found '17', expected '16'"));
    CHECK_THAT(error_of(header + with(conv, ",16,16,", ",16,15,")), contains_text("out_w does not follow"));
    CHECK_THAT(error_of(header + with(conv, ",8,3,3,", ",8,36,3,")),
               contains_text("expected a window that fits its input"));
    CHECK_THAT(error_of(header + with(conv, ",2048,", ",2047,")),
               contains_text("numel does not follow from the other sizes: found '2047', expected '2048'"));
    CHECK_THAT(error_of(header + "a,1,0,maxpool,4,4,8,2,2,9,2,2,2,2,0,0,0,0,36,,1,2\n"),
               contains_text("out_c does not follow from the other sizes: found '9', expected '8'"));
    CHECK_THAT(error_of(header + "a,1,0,bn,4,4,8,4,5,8,,,,,,,,,160,,1,2\n"), contains_text("out_w does not follow"));
    CHECK_THAT(error_of(header + "a,1,0,fc,,,20,,,10,,,,,,,,,11,,1,2\n"), contains_text("numel does not follow"));
}

TEST_CASE("rows of a run stand together and in order and once") {
    CHECK_THAT(error_of(header + relu),
               StartsWith("table.csv:2:5: rows of a run are out of order: found '1', expected '0'"));
    CHECK_THAT(error_of(header + conv + with(relu, "a,1,1", "a,1,2")), contains_text("found '2', expected '1'"));
    CHECK_THAT(error_of(header + conv + relu + relu),
               StartsWith("table.csv:4:5: rows of a run are out of order: found '1', expected '2'"));
    const std::string other = with(conv, "a,1,0", "a,2,0") + with(relu, "a,1,1", "a,2,1");
    CHECK_THAT(error_of(header + conv + relu + other + conv + relu),
               StartsWith("table.csv:6:3: a run stands twice: found '1'"));
    CHECK_THAT(error_of(header + conv + with(conv, "a,1", "b,1") + relu),
               StartsWith("table.csv:4:3: rows of a run do not stand together: found '1'"));
}

TEST_CASE("runs of one network have the same operations") {
    const std::string first = header + conv + relu;
    const std::string again = with(conv, "a,1,0", "a,2,0") + with(relu, "a,1,1", "a,2,1");
    CHECK(parse_measurement_table(first + again, "table.csv", Times::required).executions.size() == 2);
    CHECK_THAT(
        error_of(first + with(again, "2048,1,", "2048,0,")),
        StartsWith("table.csv:5:31: runs of a network differ in truncates: found '0', expected '1' as in line 3"));
    CHECK_THAT(error_of(first + with(again, "2048,1,", "2047,1,")),
               StartsWith("table.csv:5:26: runs of a network differ in numel: found '2047', expected '2048' as in line "
                          "3"));
    CHECK_THAT(
        error_of(first + with(conv, "a,1,0", "a,2,0") + "a,2,1,trunc,,,,,,,,,,,,,,,2048,,3,4\n"),
        StartsWith("table.csv:5:7: runs of a network differ in op: found 'trunc', expected 'relu' as in line 3"));
    const std::string fc = "b,1,0,fc,,,20,,,10,,,,,,,,,10,,1,2\n";
    CHECK_THAT(error_of(header + fc + with(with(fc, "b,1,0", "b,2,0"), ",20,", ",21,")),
               StartsWith("table.csv:3:12: runs of a network differ in in_c: found '21', expected '20' as in line 2"));
    CHECK_THAT(error_of(first + again + "a,2,2,relu,,,,,,,,,,,,,,,2048,1,3,4\n"),
               contains_text("runs of a network differ: found '2', expected 2 operations as in line 2"));
    const std::string shorter = with(conv, "a,1,0", "a,2,0");
    CHECK_THAT(
        error_of(first + shorter),
        StartsWith("table.csv:4:1: runs of a network differ: found the end of run 2 of 'a', expected 2 operations"));
    CHECK_THAT(error_of(first + shorter + with(conv, "a,1", "b,1")),
               StartsWith("table.csv:4:1: runs of a network differ"));
}

TEST_CASE("writing and reading a table loses nothing") {
    const std::string text =
        sizes +
        ",bn_kind,client_ms,server_ms,client_sent_bytes,flows\n"
        "\"a, \"\"b\"\"\",3,0,conv,32,32,3,16,16,8,3,3,2,2,1,0,1,0,2048,,,0.1,1234567.125,1000000,2\n"
        "\"a, \"\"b\"\"\",3,1,bn,8,8,4,8,8,4,,,,,,,,,256,,homomorphic,0,0.30000000000000004,,3\n"
        "\"a, \"\"b\"\"\",3,2,mul,,,,,,,,,,,,,,,256,,,1000000,1e-07,0,\n"
        "\"a, \"\"b\"\"\",3,3,mul,8,4,8,8,4,8,,,,,,,,,256,,,0.5,0.25,0,\n"
        "\"a, \"\"b\"\"\",3,4,argmax,,,10,,,1,,,,,,,,,1,,,1,2,0,0\n";
    CHECK(to_csv(parse_measurement_table(text, "table.csv", Times::required)) == text);
}

TEST_CASE("the measurements that ship are read and written byte for byte") {
    for (const std::string setting : {"local", "lan", "wan"}) {
        const std::string path = SOTTO_SOURCE_DIRECTORY "/cost_models/data/cheetah_measured/" + setting + ".csv";
        const std::string text = input::read_text_file(path, 1U << 24U, "a table");
        const MeasurementTable table = read_measurement_table(path, Times::required);
        INFO(path);
        CHECK(table.executions.size() == 36U * (setting == "local" ? 4U : 2U));
        const MeasurementTable again = parse_measurement_table(to_csv(table), "again.csv", Times::required);
        CHECK(to_csv(again) == to_csv(table));
        // The file has no column bn_kind; but for it the two texts hold the same fields.
        input::CsvReader original(text, path);
        const std::string written_text = to_csv(table);
        input::CsvReader written(written_text, "written.csv");
        std::vector<input::CsvField> fields;
        std::vector<input::CsvField> written_fields;
        std::size_t differing = 0;
        while (original.next(fields)) {
            REQUIRE(written.next(written_fields));
            written_fields.erase(written_fields.begin() + 20);
            REQUIRE(fields.size() == written_fields.size());
            for (std::size_t i = 0; i < fields.size(); ++i) {
                const bool is_number = i >= 20 && written.line() > 1;
                differing += is_number ? std::stod(fields[i].text) != std::stod(written_fields[i].text)
                                       : fields[i].text != written_fields[i].text;
            }
        }
        CHECK_FALSE(written.next(written_fields));
        CHECK(differing == 0);
    }
}

TEST_CASE("what lowering writes for a network is a table without times") {
    for (const std::string name : {"squeezenet", "resnet50", "densenet121"}) {
        const arch::Network network =
            arch::read_network_file(SOTTO_SOURCE_DIRECTORY "/configs/networks/" + name + ".yaml");
        secure::Lowering lowering;
        secure::SecureProgram program;
        REQUIRE_FALSE(lowering.lower(network, program));
        const std::string text = secure::to_csv(program, name);
        const MeasurementTable table = parse_measurement_table(text, name, Times::optional);
        REQUIRE(table.executions.size() == 1);
        REQUIRE(table.executions[0].operations.size() == program.operations.size());
        CHECK(to_csv(table) == text);
    }
}

TEST_CASE("operations are named as the secure program names them") {
    for (const std::string_view name : operation_names()) {
        const auto kind = static_cast<secure::OperationKind>(operation_kind(name).value());
        CHECK(secure::to_text(kind) == name);
    }
    CHECK_FALSE(operation_kind("gelu").has_value());
}
