// SPDX-License-Identifier: Apache-2.0
#include "cost_models/trainable/trainable_models.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "cost_models/analytical/fit/analytical_trainer.hpp"
#include "cost_models/protocol/fit/protocol_trainer.hpp"
#include "engine/input/input_error.hpp"

namespace sotto::training {
namespace {

// A null function: in the library for LibTorch.
struct Known {
    std::string_view id;
    const TrainableModel& (*model)();
};
constexpr std::array<Known, 5> known = {{
    {"analytical", analytical::trainable_model},
    {"protocol", protocol::trainable_model},
    {"mlp", nullptr},
    {"lstm", nullptr},
    {"lstm-no-pool", nullptr},
}};

std::string torch_trainers_path() {
    std::error_code none;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", none).parent_path();
    return (program / ".." / "lib" / "sotto" / "trainers" / "sotto_torch_trainers.so").lexically_normal().string();
}

std::span<const TrainableModel* const> load_torch_trainers() {
    const std::string path = torch_trainers_path();
    // Never closed: LibTorch has threads of its own.
    void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    void* const symbol = library == nullptr ? nullptr : ::dlsym(library, "sotto_trainable_models");
    if (symbol == nullptr) {
        const char* const reason = ::dlerror();
        throw std::runtime_error(path + ": the trainers that need LibTorch cannot be loaded: " +
                                 (reason == nullptr ? "no reason given" : reason));
    }
    return reinterpret_cast<TrainableModelsFunction>(symbol)();
}

}  // namespace

std::span<const std::string_view> trainable_model_ids() {
    static const auto ids = [] {
        std::array<std::string_view, known.size()> result;
        std::transform(known.begin(), known.end(), result.begin(), [](const Known& one) { return one.id; });
        return result;
    }();
    return ids;
}

const TrainableModel& trainable_model(std::string_view id) {
    const auto found = std::find_if(known.begin(), known.end(), [&](const Known& one) { return one.id == id; });
    if (found == known.end()) {
        throw input::InputError({{},
                                 "unknown model",
                                 '\'' + std::string(id) + '\'',
                                 input::list_names(trainable_model_ids()),
                                 std::string(input::nearest_name(id, trainable_model_ids()))});
    }
    if (found->model != nullptr) {
        return found->model();
    }
    static const std::span<const TrainableModel* const> loaded = load_torch_trainers();
    for (const TrainableModel* model : loaded) {
        if (model->id() == id) {
            return *model;
        }
    }
    throw std::runtime_error(torch_trainers_path() + ": has no model '" + std::string(id) + '\'');
}

}  // namespace sotto::training
