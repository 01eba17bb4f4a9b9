// SPDX-License-Identifier: Apache-2.0
// Any JSON object is either answered with an InputError as the parameters of `analytical` and of `protocol`, or is
// coefficients that survive writing; as the parameters of an engine it is an error or an engine. JSON that is no object
// never gets that far: the container refuses it.
#include <cstddef>
#include <cstdint>
#include <string>

#include "cost_models/analytical/coefficients.hpp"
#include "cost_models/model_file/json_fields.hpp"
#include "cost_models/protocol/coefficients.hpp"
#include "engine/input/input_error.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace sotto;

template <class Read>
void answer(const Read& read) {
    try {
        read();
    } catch (const input::InputError& error) {
        require(error.parts().location.file == "fuzz.model" && !error.parts().problem.empty(),
                "an error without its file or reason");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    model_file::ModelFile model;
    model.roles = {"client", "server"};
    try {
        model.parameters = model_file::parse_json(std::string(data, data + size), "fuzz.model");
    } catch (const input::InputError&) {
        return 0;
    }
    if (!model.parameters.is_object()) {
        return 0;
    }
    answer([&] {
        const analytical::Coefficients coefficients = analytical::read_coefficients(model, "fuzz.model");
        model_file::ModelFile again;
        write_coefficients(coefficients, again);
        require(analytical::read_coefficients(again, "again.model") == coefficients,
                "written and read, the coefficients have changed");
    });
    answer([&] {
        const protocol::Coefficients coefficients = protocol::read_coefficients(model, "fuzz.model");
        model_file::ModelFile again;
        write_coefficients(coefficients, *protocol::find_profile("opencheetah-2022"), again);
        require(protocol::read_coefficients(again, "again.model") == coefficients,
                "written and read, the coefficients have changed");
    });
    for (const char* engine : {"opencheetah-2022", "opencheetah-2023"}) {
        answer([&] {
            const protocol::EngineProfile profile =
                protocol::engine_of({engine, model.parameters}, "lan", "fuzz.model");
            require(profile.name() == engine, "another engine");
        });
    }
    return 0;
}
