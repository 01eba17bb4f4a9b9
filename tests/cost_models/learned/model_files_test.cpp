// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "cost_models/model_file/model_file.hpp"
#include "engine/input/input_error.hpp"
#include "tests/cost_models/learned/sample_models.hpp"
#include "tests/cost_models/learned/sample_programs.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using model_file::ModelFile;
using training::RoleTimes;

namespace {

std::vector<RoleTimes> predicted(const std::shared_ptr<const learned::Predictor>& predictor,
                                 const std::vector<sotto_operation>& program) {
    std::vector<RoleTimes> times(program.size());
    learned::PredictorModel(predictor).predict(program, times);
    return times;
}

ModelFile mlp_file() {
    ModelFile file = sample::empty_file();
    mlp::write(*sample::mlp_predictor(), file);
    return file;
}

ModelFile lstm_file() {
    ModelFile file = sample::empty_file();
    lstm::write(*sample::lstm_predictor(), file);
    return file;
}

model_file::Tensor& tensor(ModelFile& file, const std::string& name) {
    return *std::find_if(file.tensors.begin(), file.tensors.end(), [&](const auto& one) { return one.name == name; });
}

// What is refused must be told from what is read.
template <typename Read>
void check_refused(ModelFile file, Read&& read, const std::function<void(ModelFile&)>& damage,
                   const std::string& reason) {
    CHECK_NOTHROW(read(file, "good.model"));
    damage(file);
    CHECK_THROWS_WITH(read(file, "bad.model"), matchers::contains_text("bad.model") && matchers::contains_text(reason));
}

}  // namespace

TEST_CASE("a model that went through the bytes of a file predicts the same bits") {
    const auto programs = sample::programs(31, 4);
    const ModelFile mlp_again = model_file::parse_model_file(model_file::to_bytes(mlp_file()), "mlp.model");
    const ModelFile lstm_again = model_file::parse_model_file(model_file::to_bytes(lstm_file()), "lstm.model");
    for (const auto& program : programs) {
        CHECK(predicted(mlp::read(mlp_again, "mlp.model"), program) == predicted(sample::mlp_predictor(), program));
        CHECK(predicted(lstm::read(lstm_again, "lstm.model"), program) == predicted(sample::lstm_predictor(), program));
    }
    CHECK(mlp_again.features.size() == learned::operation_input_count);
    CHECK(lstm_again.features.size() == lstm::input_count);
    CHECK(lstm_again.engine.parameters.at("threads") == 1);
}

TEST_CASE("damaged files of perceptrons are refused by reason") {
    const auto refused = [](const std::function<void(ModelFile&)>& damage, const std::string& reason) {
        check_refused(mlp_file(), mlp::read, damage, reason);
    };
    refused([](ModelFile& file) { file.model = "lstm"; }, "mlp version 1");
    refused([](ModelFile& file) { file.model_version = 2; }, "another model or version");
    refused([](ModelFile& file) { file.engine.name = "opencheetah-2032"; }, "opencheetah-2023");
    refused([](ModelFile& file) { file.engine.name = "cryptflow2"; }, "opencheetah-2022");
    refused([](ModelFile& file) { file.engine.parameters["threads"] = 0; }, "threads");
    refused([](ModelFile& file) { file.tensors.pop_back(); }, "fc.server.1.2.bias");
    refused([](ModelFile& file) { file.tensors.push_back({"more", {1}, std::vector<float>{1}}); }, "tensors");
    refused(
        [](ModelFile& file) {
            tensor(file, "conv.client.0.0.weights").shape = {9, 24};
        },
        "conv.client.0.0.weights");
    refused([](ModelFile& file) { file.parameters["hidden_conv"] = {9, 6}; }, "conv.client.0.1.weights");
    refused([](ModelFile& file) { file.parameters["hidden_conv"] = {0}; }, "hidden_conv");
    refused([](ModelFile& file) { file.parameters["hidden_relu"] = nlohmann::json::array(); }, "hidden_relu");
    refused([](ModelFile& file) { file.parameters.erase("hidden_relu"); }, "hidden_relu");
    refused([](ModelFile& file) { file.parameters["members"] = 1000; }, "members");
    refused([](ModelFile& file) { file.parameters["network_deviation"] = -1; }, "network_deviation");
    refused([](ModelFile& file) { std::get<1>(tensor(file, "physical.client.own").values)[3] = -1; },
            "physical.client.own");
    refused([](ModelFile& file) { std::get<1>(tensor(file, "relu.reach").values)[0] = 0; }, "relu.reach");
    refused(
        [](ModelFile& file) {
            tensor(file, "relu.seen").shape = {0, 24};
            tensor(file, "relu.seen").values = std::vector<float>();
        },
        "relu.seen");
}

TEST_CASE("damaged files of recurrent networks are refused by reason") {
    const auto refused = [](const std::function<void(ModelFile&)>& damage, const std::string& reason) {
        check_refused(lstm_file(), lstm::read, damage, reason);
    };
    refused([](ModelFile& file) { file.model = "mlp"; }, "lstm version 1");
    refused([](ModelFile& file) { file.parameters["hidden"] = 5; }, "0.gates_of_input.weights");
    refused([](ModelFile& file) { file.parameters["embedding"] = 100000; }, "embedding");
    refused([](ModelFile& file) { file.parameters["dense"] = nlohmann::json::array(); }, "dense");
    refused([](ModelFile& file) { file.parameters["dense"] = std::vector<int>(21, 4); }, "dense");
    refused([](ModelFile& file) { file.parameters["dense"] = {"a"}; }, "dense");
    refused([](ModelFile& file) { file.parameters["sees_pool"] = 2; }, "sees_pool");
    refused([](ModelFile& file) { file.parameters["members"] = 1; }, "tensors");
    refused([](ModelFile& file) { file.parameters["members"] = 3; }, "2.embedding.weights");
    refused([](ModelFile& file) { file.tensors.erase(file.tensors.begin()); }, "physical.known");
}
