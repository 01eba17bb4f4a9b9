// SPDX-License-Identifier: Apache-2.0
#include "cost_models/model_file/shipped_models.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/input/input_error.hpp"
#include "tests/cost_models/model_file/sample_model.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::model_file;

namespace {

// The sample model is analytical, opencheetah-2022, local.
std::string error_of(std::string_view id, const Choice& choice, const std::vector<EmbeddedFile>& shipped) {
    try {
        open_model(id, choice, shipped);
    } catch (const input::InputError& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("the model that ships is chosen by engine and setting") {
    const std::string bytes = to_bytes(sample::sample_model());
    const std::vector<EmbeddedFile> shipped = {{"analytical-opencheetah-2022-lan.model", "damaged"},
                                               {"analytical-opencheetah-2022-local.model", bytes},
                                               {"analytical-opencheetah-2023-wan.model", bytes}};
    const OpenedModel opened = open_model("analytical", {"local", "opencheetah-2022", ""}, shipped);
    CHECK(opened.model.seed == sample::sample_model().seed);
    CHECK(opened.name == "analytical-opencheetah-2022-local.model (built in)");

    CHECK(
        error_of("analytical", {}, shipped) ==
        "analytical-opencheetah-2022-lan.model (built in): is not a model file: found 'damaged', expected a file that "
        "begins with 'sotto-model/1 '");
    CHECK(error_of("analytical", {"local", "opencheetah-2023", ""}, shipped) ==
          "no model 'analytical' ships for this engine and setting: found 'opencheetah-2023 local', expected "
          "'opencheetah-2022 lan', 'opencheetah-2022 local' or 'opencheetah-2023 wan'; did you mean "
          "'opencheetah-2022 local'?");
    CHECK(error_of("analytical", {"wan", "opencheetah-2023", ""}, shipped) ==
          "analytical-opencheetah-2023-wan.model (built in): is a model of another setting: found 'local', expected "
          "'wan'");
    CHECK(
        error_of("analytical", {"lan", "opencheetah-2022", ""}, {}) ==
        "no model 'analytical' ships for this engine and setting: found 'opencheetah-2022 lan', expected the parameter "
        "'file': none ships");
}

TEST_CASE("a model file is taken for what it was made for alone") {
    const std::string path =
        (std::filesystem::temp_directory_path() / ("sotto-shipped-" + std::to_string(getpid()) + ".model")).string();
    std::ofstream(path, std::ios::binary) << to_bytes(sample::sample_model());
    CHECK(open_model("analytical", {"local", "opencheetah-2022", path}, {}).name == path);
    CHECK(error_of("protocol", {"local", "opencheetah-2022", path}, {}) ==
          path + ": is a model of another kind: found 'analytical', expected 'protocol'");
    CHECK(error_of("analytical", {"lan", "opencheetah-2022", path}, {}) ==
          path + ": is a model of another setting: found 'local', expected 'lan'");
    CHECK(error_of("analytical", {"local", "opencheetah-2023", path}, {}) ==
          path + ": is a model of another engine: found 'opencheetah-2022', expected 'opencheetah-2023'");
    std::filesystem::remove(path);
}
