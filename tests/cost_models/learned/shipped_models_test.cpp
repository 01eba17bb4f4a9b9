// SPDX-License-Identifier: Apache-2.0
#include "cost_models/lstm/shipped_models.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "cost_models/lstm/lstm_predictor.hpp"
#include "cost_models/mlp/mlp_predictor.hpp"
#include "cost_models/mlp/shipped_models.hpp"
#include "tests/cost_models/learned/sample_programs.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using training::RoleTimes;

namespace {

template <typename Read>
void check_shipped(std::span<const model_file::EmbeddedFile> files, const std::string& id, Read&& read) {
    for (const std::string engine : {"opencheetah-2022", "opencheetah-2023"}) {
        double local_ms = 0;
        double wan_ms = 0;
        for (const std::string setting : {"local", "lan", "wan"}) {
            const std::string name = id + '-' + engine + '-' + setting + ".model";
            const auto found =
                std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.name == name; });
            REQUIRE(found != files.end());
            const model_file::ModelFile file = model_file::parse_model_file(found->bytes, name);
            CHECK(file.setting == setting);
            CHECK(file.engine.name == engine);
            const learned::PredictorModel model(read(file, name));
            CHECK(model.predictor().network_deviation() > 0);
            CHECK(model.predictor().network_deviation() < 0.2);
            for (const auto& program : sample::programs(61, 8)) {
                std::vector<RoleTimes> times(program.size());
                model.predict(program, times);
                for (const RoleTimes& one : times) {
                    REQUIRE(std::isfinite(one.client_ms));
                    REQUIRE((one.client_ms >= 0 && one.server_ms >= 0));
                    local_ms += setting == "local" ? one.server_ms : 0;
                    wan_ms += setting == "wan" ? one.server_ms : 0;
                }
            }
        }
        CHECK(wan_ms > local_ms);
    }
}

}  // namespace

TEST_CASE("every model that ships reads and predicts") {
    check_shipped(mlp::shipped_models(), "mlp", mlp::read);
    check_shipped(lstm::shipped_models(), "lstm", lstm::read);
}

TEST_CASE("the models that ship take less than ten mebibytes") {
    std::size_t bytes = 0;
    for (const auto& files : {mlp::shipped_models(), lstm::shipped_models()}) {
        CHECK(files.size() == 6);
        for (const model_file::EmbeddedFile& file : files) {
            bytes += file.bytes.size();
        }
    }
    CHECK(bytes < (std::size_t{10} << 20U));
}
