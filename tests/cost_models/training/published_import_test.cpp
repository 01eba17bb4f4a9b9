// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/published_import.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "cost_models/training/operation_columns.hpp"
#include "cost_models/training/training_set.hpp"
#include "engine/arch/network_yaml.hpp"
#include "engine/input/csv.hpp"
#include "engine/secure/lowering.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::training;
using sotto::matchers::contains_text;
namespace fs = std::filesystem;

namespace {

const std::string shared = SOTTO_SOURCE_DIRECTORY "/../shared/data";

// Two networks in both layouts: `a` is conv, relu, trunc; `b` is avgpool, bn, relu, fc. Two runs of `a`, one of `b`.
class Published {
  public:
    explicit Published(const std::string& name) : root_(fs::path(SOTTO_BINARY_DIRECTORY) / ("published_" + name)) {
        fs::remove_all(root_);
        const std::string head = "net,run,part,position,";
        for (const std::string role : {"client", "server"}) {
            const auto tidy = [&](const std::string& type, const std::string& text) {
                write("tidy/lan/" + role + '/' + type + ".csv", text);
            };
            // Times: the server's are the client's plus 1000.
            const std::string add = role == "client" ? "" : "100";
            tidy("conv", head +
                             "in_h,in_w,in_c,out_c,k_h,k_w,pad_top,pad_bottom,pad_left,pad_right,stride_h,stride_w,"
                             "out_h,out_w,time_ms\n"
                             "a,1,0,0,6,6,1,2,3,3,0,0,0,0,2,2,2,2," +
                             add +
                             "1\n"
                             "a,1,1,0,6,6,1,2,3,3,0,0,0,0,2,2,2,2," +
                             add + "4\n");
            tidy("relu",
                 head + "numel,time_ms\na,1,0,1,8," + add + "2\na,1,1,1,8," + add + "5\nb,1,0,2,8," + add + "0\n");
            tidy("trunc", head + "numel,time_ms\na,1,0,2,8," + add + "3\na,1,1,2,8," + add + "6\n");
            const std::string pool =
                "in_h,in_w,in_c,k_h,k_w,pad_top,pad_bottom,pad_left,pad_right,stride_h,stride_w,out_h,out_w,time_ms\n";
            tidy("maxpool", head + pool);
            tidy("avgpool", head + pool + "b,1,0,0,4,4,2,2,2,0,0,0,0,2,2,2,2," + add + "7\n");
            tidy("bn", head + "channels,height,width,bn_kind,time_ms\nb,1,0,1,2,2,2,2," + add + "8\n");
            tidy("fc", head + "in_c,out_c,time_ms\nb,1,0,3,8,3," + add + "9\n");

            const auto companion = [&](const std::string& type, const std::string& columns, const std::string& text) {
                std::string table = columns + " time_cost\n" + text;
                std::replace(table.begin(), table.end(), ' ', '\t');
                write("companion/layer_onlyTime_LAN/dataset/data_layer/" + type + role + ".csv", table);
            };
            companion("conv_onlyTime_",
                      " conv_N conv_H conv_W conv_CI conv_FH conv_FW conv_CO conv_zPadHLeft conv_zPadHRight "
                      "conv_zPadWLeft conv_zPadWRight conv_strideH conv_strideW",
                      "0 1.0 6.0 6.0 1.0 3.0 3.0 2.0 0.0 0.0 0.0 0.0 2.0 2.0 " + add +
                          "1.0\n"
                          "1 1.0 6.0 6.0 1.0 3.0 3.0 2.0 0.0 0.0 0.0 0.0 2.0 2.0 " +
                          add + "4.0\n");
            companion("relu_onlyTime_", " relu_coeff",
                      "0 8.0 " + add + "2.0\n1 8.0 " + add + "5.0\n2 8.0 " + add + "0.0\n");
            companion("trunc_onlyTime_", " trunc_coeff", "0 8.0 " + add + "3.0\n1 8.0 " + add + "6.0\n");
            for (const std::string type : {"maxpool", "avgpool"}) {
                std::string columns;
                for (const char* const column :
                     {"N", "H", "W", "C", "ksizeH", "ksizeW", "zPadHLeft", "zPadHRight", "zPadWLeft", "zPadWRight",
                      "strideH", "strideW", "N1", "imgH", "imgW", "C1"}) {
                    columns += ' ' + type + '_' + column;
                }
                companion(type + "_onlyTime_", columns,
                          type == "maxpool"
                              ? ""
                              : "0 1.0 2.0 2.0 2.0 2.0 2.0 0.0 0.0 0.0 0.0 2.0 2.0 1.0 4.0 4.0 2.0 " + add + "7.0\n");
            }
            companion("BN1_onlyTime_", " BN1_C BN1_H BN1_W", "");
            companion("BN2_onlyTime_3D_", " BN2_C BN2_H BN2_W", "0 2.0 2.0 2.0 " + add + "8.0\n");
            companion("FC_onlyTime_", " FC_N FC_CI FC_CO", "0 1.0 8.0 3.0 " + add + "9.0\n");
        }
        write("list.csv",
              "net,position,layer_type,in_h,in_w,in_c,out_h,out_w,out_c,k_h,k_w,pad_top,pad_bottom,pad_left,pad_right,"
              "stride_h,stride_w,numel\n"
              "a,0,conv,6,6,1,2,2,2,3,3,0,0,0,0,2,2,8\na,1,relu,,,,,,,,,,,,,,,8\na,2,trunc,,,,,,,,,,,,,,,8\n"
              "b,0,avgpool,4,4,2,2,2,2,2,2,0,0,0,0,2,2,8\nb,1,bn2,2,2,2,,,,,,,,,,,,8\nb,2,relu,,,,,,,,,,,,,,,8\n"
              "b,3,fc,,,8,,,3,,,,,,,,,3\n");
    }

    std::string tidy() const { return (root_ / "tidy").string(); }
    std::string companion() const { return (root_ / "companion").string(); }
    std::string list() const { return (root_ / "list.csv").string(); }

    void write(const std::string& file, const std::string& text) const {
        fs::create_directories((root_ / file).parent_path());
        std::ofstream(root_ / file, std::ios::binary) << text;
    }
    // Replaces the first `from` in a file.
    void damage(const std::string& file, const std::string& from, const std::string& to) const {
        std::string text = input::read_text_file((root_ / file).string(), 1U << 20U, "a file");
        const std::size_t at = text.find(from);
        REQUIRE(at != std::string::npos);
        write(file, text.replace(at, from.size(), to));
    }

  private:
    fs::path root_;
};

const std::string companion_files = "companion/layer_onlyTime_LAN/dataset/data_layer/";

std::string error_of(const std::string& directory, const std::string& list = {}, const std::string& setting = "lan") {
    try {
        import_published(directory, setting, list);
    } catch (const input::InputError& error) {
        return error.what();
    }
    FAIL_CHECK("no error");
    return {};
}

const std::string expected_table =
    "network,run,position,op,in_h,in_w,in_c,out_h,out_w,out_c,k_h,k_w,stride_h,stride_w,pad_top,pad_bottom,pad_left,"
    "pad_right,numel,truncates,bn_kind,client_ms,server_ms\n"
    "a,1,0,conv,6,6,1,2,2,2,3,3,2,2,0,0,0,0,8,,,1,1001\n"
    "a,1,1,relu,,,,,,,,,,,,,,,8,1,,2,1002\n"
    "a,1,2,trunc,,,,,,,,,,,,,,,8,,,3,1003\n"
    "a,2,0,conv,6,6,1,2,2,2,3,3,2,2,0,0,0,0,8,,,4,1004\n"
    "a,2,1,relu,,,,,,,,,,,,,,,8,1,,5,1005\n"
    "a,2,2,trunc,,,,,,,,,,,,,,,8,,,6,1006\n"
    "b,1,0,avgpool,4,4,2,2,2,2,2,2,2,2,0,0,0,0,8,,,7,1007\n"
    "b,1,1,bn,2,2,2,2,2,2,,,,,,,,,8,,elementwise,8,1008\n"
    "b,1,2,relu,,,,,,,,,,,,,,,8,1,,0,1000\n"
    "b,1,3,fc,,,8,,,3,,,,,,,,,3,,,9,1009\n";

}  // namespace

TEST_CASE("both published layouts become the same table") {
    const Published published("both");
    CHECK(to_csv(import_published(published.tidy(), "lan")) == expected_table);
    CHECK(to_csv(import_published(published.tidy(), "lan", published.list())) == expected_table);
    CHECK(to_csv(import_published(published.companion(), "lan", published.list())) == expected_table);
}

TEST_CASE("a note says that ReLUs that rescale are unknown without a list of layers") {
    const Published published("notes");
    std::vector<std::string> notes;
    import_published(published.tidy(), "lan", {}, &notes);
    import_published(published.companion(), "lan", published.list(), &notes);
    CHECK(notes.empty());
    const MeasurementTable table = import_published(published.companion(), "lan", {}, &notes);
    REQUIRE(notes.size() == 1);
    CHECK(notes[0].find("'truncates' is 0 in every row") != std::string::npos);
    for (const Execution& execution : table.executions) {
        CHECK(execution.operations.at(0).operation.truncates == 0);
    }
}

TEST_CASE("without a list of layers each configuration of the companion layout stands for itself") {
    const Published published("alone");
    const MeasurementTable table = import_published(published.companion(), "lan");
    std::map<std::string, std::vector<double>> times;
    for (const Execution& execution : table.executions) {
        REQUIRE(execution.operations.size() == 1);
        CHECK(execution.run == static_cast<std::int64_t>(times[execution.network].size()) + 1);
        times[execution.network].push_back(execution.operations.front().server_ms);
    }
    CHECK(times == std::map<std::string, std::vector<double>>{{"conv-1", {1001, 1004}},
                                                              {"relu-1", {1002, 1005, 1000}},
                                                              {"trunc-1", {1003, 1006}},
                                                              {"avgpool-1", {1007}},
                                                              {"bn-elementwise-1", {1008}},
                                                              {"fc-1", {1009}}});
}

TEST_CASE("client and server rows that disagree are answered with both files and lines") {
    const Published published("roles");
    published.damage("tidy/lan/server/relu.csv", "a,1,1,1,8", "a,1,1,1,9");
    CHECK_THAT(error_of(published.tidy()), contains_text("client/relu.csv:3:1: client and server differ: found "
                                                         "'a 1 1 1 8', expected 'a 1 1 1 9' as in ") &&
                                               contains_text("server/relu.csv:3"));
    published.damage(companion_files + "FC_onlyTime_client.csv", "0\t1.0\t8.0\t3.0\t9.0\n", "");
    CHECK_THAT(error_of(published.companion(), published.list()),
               contains_text("FC_onlyTime_server.csv:2:1: client and server differ") &&
                   contains_text("no further row, as in") && contains_text("FC_onlyTime_client.csv"));
}

TEST_CASE("rows that do not fit the list of layers are answered with file and line") {
    const Published published("list");
    published.damage("list.csv", "a,1,relu,,,,,,,,,,,,,,,8", "a,1,relu,,,,,,,,,,,,,,,9");
    CHECK_THAT(error_of(published.companion(), published.list()),
               contains_text("relu_onlyTime_client.csv:2: the rows do not fit the list of layers: found relu of 8 "
                             "elements, expected relu of 9 elements, operation 1 of 'a'"));
    CHECK_THAT(error_of(published.tidy(), published.list()),
               contains_text("client/relu.csv:2: the operation is not that of the list of layers"));
    const Published shorter("list_shorter");
    shorter.damage("list.csv", "b,3,fc,,,8,,,3,,,,,,,,,3\n", "");
    CHECK_THAT(error_of(shorter.companion(), shorter.list()),
               contains_text("FC_onlyTime_client.csv:2: rows are left over that fit no network"));
    CHECK_THAT(error_of(shorter.tidy(), shorter.list()), contains_text("client/fc.csv:2: the operation is not that"));
    const Published longer("list_longer");
    longer.damage("list.csv", "b,3,fc", "b,3,argmax,,,3,,,1,,,,,,,,,1\nb,4,fc");
    CHECK_THAT(error_of(longer.companion(), longer.list()), contains_text("no file has such an operation"));
    const Published twice("list_twice");
    twice.damage("list.csv", "b,0,avgpool", "c,0,conv,6,6,1,2,2,2,3,3,0,0,0,0,2,2,8\nb,0,avgpool");
    CHECK_THAT(error_of(twice.companion(), twice.list()),
               contains_text("conv_onlyTime_client.csv: the rows do not fit the list of layers: found the end of the "
                             "file, expected conv of 8 elements, operation 0 of 'c'"));
    CHECK_THAT(error_of(twice.tidy(), twice.list()),
               contains_text("a network of the list of layers was not measured: expected 'c'"));
}

TEST_CASE("rows that fit the list of layers in several ways are refused") {
    const Published published("ambiguous");
    const std::string list = input::read_text_file(published.list(), 1U << 20U, "a list");
    published.write("list.csv",
                    list.substr(0, list.find('\n')) + "\nx,0,relu,,,,,,,,,,,,,,,8\ny,0,relu,,,,,,,,,,,,,,,8\n");
    for (const auto& entry : fs::recursive_directory_iterator(published.companion())) {
        if (entry.is_regular_file() && !entry.path().filename().string().starts_with("relu")) {
            const std::string text = input::read_text_file(entry.path().string(), 1U << 20U, "a file");
            std::ofstream(entry.path(), std::ios::binary) << text.substr(0, text.find('\n') + 1);
        }
    }
    // Three rows: one of x and two of y, or the reverse.
    CHECK_THAT(error_of(published.companion(), published.list()),
               contains_text("the rows fit the list of layers in several ways"));
}

TEST_CASE("tidy rows are complete and stand once") {
    const Published missing("missing");
    for (const std::string role : {"client", "server"}) {
        missing.damage("tidy/lan/" + role + "/relu.csv", "a,1,0,1", "a,1,0,4");
    }
    CHECK_THAT(error_of(missing.tidy()),
               contains_text("client/trunc.csv:2: a position of the run is missing: found 2, expected 1"));
    const Published doubled("doubled");
    for (const std::string role : {"client", "server"}) {
        doubled.damage("tidy/lan/" + role + "/relu.csv", "a,1,0,1", "a,1,0,0");
    }
    CHECK_THAT(error_of(doubled.tidy()), contains_text("client/relu.csv:2: a position stands twice: found 0") &&
                                             contains_text("client/conv.csv:2"));
    const Published differing("differing");
    for (const std::string role : {"client", "server"}) {
        differing.damage("tidy/lan/" + role + "/relu.csv", "a,1,1,1,8", "a,1,1,1,9");
    }
    CHECK_THAT(error_of(differing.tidy()), contains_text("client/relu.csv:3: runs of a network differ"));
}

TEST_CASE("damaged published files are answered with line and column") {
    const auto error_after = [](const std::string& file, const std::string& from, const std::string& to) {
        const Published published("damaged");
        published.damage(file, from, to);
        return file.starts_with("tidy") ? error_of(published.tidy(), published.list())
                                        : error_of(published.companion(), published.list());
    };
    CHECK_THAT(error_after("tidy/lan/client/bn.csv", "height", "heights"),
               contains_text("bn.csv:1:32: wrong column: found 'heights', expected 'height'"));
    CHECK_THAT(error_after("tidy/lan/client/bn.csv", ",time_ms", ""), contains_text("the header lacks a column"));
    CHECK_THAT(error_after("tidy/lan/client/bn.csv", "2,2,8\n", "2,2\n"), contains_text("bn.csv:2:1: too few fields"));
    CHECK_THAT(error_after("tidy/lan/client/bn.csv", "2,2,8\n", "2,3,8\n"),
               contains_text("bn_kind is not valid: found '3', expected a whole number from 1 to 2"));
    CHECK_THAT(error_after("tidy/lan/client/fc.csv", "8,3,9", "8,3,-9"), contains_text("time_ms is not valid"));
    CHECK_THAT(error_after("tidy/lan/client/fc.csv", "8,3,9", "8,3,9.5"), contains_text("time_ms is not valid"));
    CHECK_THAT(error_after("tidy/lan/client/conv.csv", "2,2,2,2,1\n", "2,2,2,3,1\n"),
               contains_text("conv.csv:2:1: out_w does not follow from the other sizes: found '3', expected '2'"));
    CHECK_THAT(error_after(companion_files + "FC_onlyTime_server.csv", "0\t1.0", "0\t2.0"),
               contains_text("FC_N is not valid: found '2.0', expected a whole number from 1 to 1"));
    CHECK_THAT(error_after(companion_files + "FC_onlyTime_server.csv", "0\t1.0", "7\t1.0"),
               contains_text("index is not valid: found '7'"));
    CHECK_THAT(error_after(companion_files + "avgpool_onlyTime_client.csv", "4.0\t4.0\t2.0", "4.0\t4.0\t3.0"),
               contains_text("avgpool_C1 is not valid: found '3.0', expected a whole number from 2 to 2"));
    CHECK_THAT(error_after(companion_files + "relu_onlyTime_client.csv", "8.0", "8.5"),
               contains_text("relu_onlyTime_client.csv:2:3: relu_coeff is not valid: found '8.5'"));
    CHECK_THAT(error_after("list.csv", "bn2", "bn"), contains_text("unknown layer type: found 'bn'"));
    CHECK_THAT(error_after("list.csv", "a,1,relu", "a,2,relu"), contains_text("position is not valid"));
    CHECK_THAT(error_after("list.csv", "numel", "elements"),
               contains_text("the header lacks a column: expected 'numel'"));
}

TEST_CASE("an unknown setting and a directory without measurements are refused") {
    const Published published("setting");
    CHECK_THAT(error_of(published.tidy(), {}, "lam"),
               contains_text("unknown setting: found 'lam'") && contains_text("did you mean 'lan'?"));
    CHECK_THAT(error_of(published.tidy(), {}, "wan"),
               contains_text("no published measurements of the setting: expected "
                             "'wan/client' or 'layer_onlyTime_WAN/dataset'"));
}

TEST_CASE("the published measurements become one table whichever layout they come from") {
    if (!fs::exists(shared + "/snni_public")) {
        SOTTO_SKIP("the measurements are not beside the project");
    }
    for (const std::string setting : {"local", "lan", "wan"}) {
        INFO(setting);
        const MeasurementTable table = import_published(shared + "/snni_public", setting);
        const TrainingSet set = training_set({table});
        CHECK(set.size() == 46);
        for (const MeasuredNetwork& network : set) {
            const std::size_t runs = setting == "wan" ? 10 : 15;
            INFO(network.name);
            // One log of the local measurements holds two executions.
            CHECK(network.runs.size() == (setting == "local" && network.name == "ap1" ? 2 * runs : runs));
        }
        const std::string text = to_csv(table);
        CHECK(to_csv(parse_measurement_table(text, "table.csv", Times::required)) == text);
        const MeasurementTable companion =
            import_published(shared + "/raw_companion", setting, shared + "/snni_public/sequences/nets_layers.csv");
        CHECK(to_csv(companion) == text);
        // Without the list the same rows are there.
        const MeasurementTable alone = import_published(shared + "/raw_companion", setting);
        std::size_t rows = 0;
        for (const Execution& execution : table.executions) {
            rows += execution.operations.size();
        }
        CHECK(alone.executions.size() == rows);
    }
}

TEST_CASE("totals of the imported reference networks are those computed elsewhere") {
    const std::string path = shared + "/snni_public/whole_networks/totals.csv";
    if (!fs::exists(path)) {
        SOTTO_SKIP("the measurements are not beside the project");
    }
    std::map<std::string, TrainingSet> sets;
    const std::string text = input::read_text_file(path, 1U << 20U, "totals");
    input::CsvReader csv(text, path);
    std::vector<input::CsvField> fields;
    REQUIRE(csv.next(fields));
    int rows = 0;
    for (; csv.next(fields); ++rows) {
        std::string setting = fields.at(0).text;
        std::transform(setting.begin(), setting.end(), setting.begin(),
                       [](char c) { return c < 'a' ? char(c + 32) : c; });
        if (!sets.contains(setting)) {
            sets[setting] = training_set({import_published(shared + "/snni_public", setting)});
        }
        const auto network = std::find_if(sets[setting].begin(), sets[setting].end(),
                                          [&](const MeasuredNetwork& one) { return one.name == fields.at(2).text; });
        REQUIRE(network != sets[setting].end());
        CHECK(network->operations.size() == std::stoul(fields.at(3).text));
        const Role role = fields.at(1).text == "client" ? Role::client : Role::server;
        std::vector<double> totals;
        for (std::uint32_t run = 0; run < network->runs.size(); ++run) {
            double total = 0;
            for (std::uint32_t position = 0; position < network->operations.size(); ++position) {
                total += network->addend({run, position, role});
            }
            totals.push_back(total);
        }
        INFO(setting << ' ' << network->name);
        double sum = 0;
        for (const double total : totals) {
            sum += total;
        }
        CHECK(totals.front() == std::stod(fields.at(8).text));
        CHECK(sum / static_cast<double>(totals.size()) == Approx(std::stod(fields.at(11).text)).epsilon(1e-12));
        CHECK(*std::min_element(totals.begin(), totals.end()) == std::stod(fields.at(12).text));
        CHECK(*std::max_element(totals.begin(), totals.end()) == std::stod(fields.at(13).text));
    }
    CHECK(rows == 18);
}

TEST_CASE("the imported reference networks are what lowering makes of them") {
    if (!fs::exists(shared + "/snni_public")) {
        SOTTO_SKIP("the measurements are not beside the project");
    }
    const TrainingSet set = training_set({import_published(shared + "/snni_public", "lan")});
    const std::map<std::string, std::string> names = {
        {"sqnet", "squeezenet"}, {"resnet50", "resnet50"}, {"densenet121", "densenet121"}};
    int compared = 0;
    for (const MeasuredNetwork& measured : set) {
        if (!names.contains(measured.name)) {
            continue;
        }
        const arch::Network network =
            arch::read_network_file(SOTTO_SOURCE_DIRECTORY "/configs/networks/" + names.at(measured.name) + ".yaml");
        secure::Lowering lowering;
        secure::SecureProgram program;
        REQUIRE_FALSE(lowering.lower(network, program));
        const MeasurementTable table =
            parse_measurement_table(secure::to_csv(program, network.name()), "program", Times::optional);
        const std::vector<MeasuredOperation>& operations = table.executions.at(0).operations;
        REQUIRE(operations.size() == measured.operations.size());
        for (std::size_t i = 0; i < operations.size(); ++i) {
            INFO(measured.name << " operation " << i);
            CHECK(is_same(operations[i].operation, measured.operations[i]));
        }
        ++compared;
    }
    CHECK(compared == 3);
}
