// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/arch/network_yaml.hpp"
#include "engine/secure/lowering.hpp"
#include "engine/secure/secure_program.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/nas_predict_program.hpp"
#include "tests/tools/process.hpp"

using namespace sotto::tests;
using nlohmann::json;

namespace {

const std::string columns =
    "network,run,position,op,in_h,in_w,in_c,out_h,out_w,out_c,k_h,k_w,stride_h,stride_w,pad_top,pad_bottom,pad_left,"
    "pad_right,numel,truncates\n";

}  // namespace

TEST_CASE("a network with squares gets what its secure program gets from every model") {
    const TemporaryFolder folder;
    const std::string file = folder / "network.yaml";
    write_text(file,
               "network: squares\ninput: {shape: [3, 16, 16]}\nlayers:\n"
               "  - {name: stem, type: conv, channels: 24, kernel: 3, padding: 1}\n"
               "  - {name: square, type: square}\n"
               "  - {name: second, type: conv, channels: 8, kernel: 3, stride: 2}\n"
               "  - {name: other, type: square}\n"
               "  - {name: pooled, type: global_average_pool}\n"
               "  - {name: classes, type: fully_connected, features: 10}\n");
    sotto::secure::SecureProgram program;
    sotto::secure::Lowering lowering;
    REQUIRE_FALSE(lowering.lower(sotto::arch::read_network_file(file), program).has_value());
    write_text(folder / "secure_program.csv", to_csv(program, "squares"));
    for (const std::string model : {"analytical", "protocol", "mlp", "lstm"}) {
        CAPTURE(model);
        const json of_network = predicted({file, "--model", model});
        const json of_program = predicted({"--program", folder / "secure_program.csv", "--model", model});
        CHECK(of_network["networks"][0]["metrics"] == of_program["networks"][0]["metrics"]);
    }
}

TEST_CASE("an elementwise product costs more the larger it is and is refused where none was measured") {
    const TemporaryFolder folder;
    const auto write_product = [&](int extent) {
        const std::string side = std::to_string(extent);
        write_text(folder / "program.csv", columns + "mine,1,0,mul," + side + ',' + side + ",64," + side + ',' + side +
                                               ",64,,,,,,,,," + std::to_string(64 * extent * extent) + ",\n");
        return folder / "program.csv";
    };
    for (const std::string model : {"protocol", "mlp", "lstm"}) {
        CAPTURE(model);
        const auto total_ms = [&](int extent) {
            return predicted({"--program", write_product(extent), "--model",
                              model})["networks"][0]["metrics"]["latency.total_ms"]
                .get<double>();
        };
        CHECK(total_ms(64) > 8 * total_ms(16));
        // That engine runs every normalisation homomorphically: nothing like a product was measured on it.
        check_refused(nas_predict({"--program", write_product(16), "--model", model, "--engine", "opencheetah-2023"}),
                      "elementwise product");
    }
}

TEST_CASE("a product that a table gives its elements alone has a price where the shape does not matter") {
    const TemporaryFolder folder;
    write_text(folder / "program.csv", columns + "mine,1,0,mul,,,,,,,,,,,,,,,4096,\n");
    const std::string shaped = folder / "shaped.csv";
    write_text(shaped, columns + "mine,1,0,mul,8,8,64,8,8,64,,,,,,,,,4096,\n");
    const auto of = [](const std::string& table, const std::string& model) {
        return std::vector<std::string>{"--program", table, "--model", model};
    };
    CHECK(predicted(of(folder / "program.csv", "protocol"))["networks"][0]["metrics"] ==
          predicted(of(shaped, "protocol"))["networks"][0]["metrics"]);
    for (const std::string model : {"analytical", "mlp", "lstm"}) {
        check_refused(nas_predict(of(folder / "program.csv", model)),
                      "operation 0 (an elementwise product) has no shape");
    }
}
