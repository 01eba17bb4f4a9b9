// SPDX-License-Identifier: Apache-2.0
#include "cost_models/model_file/shipped_models.hpp"

#include <algorithm>
#include <vector>

#include "engine/input/input_error.hpp"

namespace sotto::model_file {
namespace {

using input::InputError;

constexpr std::string_view extension = ".model";

[[noreturn]] void refuse(const std::string& file, std::string_view what, const std::string& found,
                         const std::string& expected) {
    throw InputError({{file, 0, 0}, "is a model of another " + std::string(what), found, expected, {}});
}

std::string in_quotes(std::string_view text) {
    return '\'' + std::string(text) + '\'';
}

// `opencheetah-2022 lan` of `ID-opencheetah-2022-lan.model`.
std::string combination(std::string_view file_name, std::string_view id) {
    const std::string_view stem = file_name.substr(0, file_name.size() - extension.size()).substr(id.size() + 1);
    const std::size_t dash = stem.rfind('-');
    return std::string(stem.substr(0, dash)) + ' ' + std::string(stem.substr(dash + 1));
}

}  // namespace

void Choice::set(std::string_view parameter, std::string_view value) {
    static constexpr std::array<std::string_view, 3> names = {setting_name, engine_name, file_name};
    static constexpr std::array<std::string Choice::*, 3> members = {&Choice::setting, &Choice::engine, &Choice::file};
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == parameter) {
            this->*members[i] = value;
            return;
        }
    }
    throw InputError({{},
                      "unknown parameter of a cost model",
                      in_quotes(parameter),
                      input::list_names(names),
                      std::string(input::nearest_name(parameter, names))});
}

OpenedModel open_model(std::string_view id, const Choice& choice, std::span<const EmbeddedFile> shipped) {
    OpenedModel opened;
    if (!choice.file.empty()) {
        opened = {read_model_file(choice.file), choice.file};
    } else {
        const std::string wanted =
            std::string(id) + '-' + choice.engine + '-' + choice.setting + std::string(extension);
        const auto found =
            std::find_if(shipped.begin(), shipped.end(), [&](const EmbeddedFile& file) { return file.name == wanted; });
        if (found == shipped.end()) {
            std::vector<std::string> combinations;
            for (const EmbeddedFile& file : shipped) {
                combinations.push_back(combination(file.name, id));
            }
            const std::vector<std::string_view> names(combinations.begin(), combinations.end());
            const std::string asked = choice.engine + ' ' + choice.setting;
            throw InputError({{},
                              "no model '" + std::string(id) + "' ships for this engine and setting",
                              in_quotes(asked),
                              names.empty() ? "the parameter 'file': none ships" : input::list_names(names),
                              std::string(input::nearest_name(asked, names))});
        }
        opened = {parse_model_file(found->bytes, wanted + " (built in)"), wanted + " (built in)"};
    }
    const ModelFile& model = opened.model;
    if (model.model != id) {
        refuse(opened.name, "kind", in_quotes(model.model), in_quotes(id));
    }
    if (model.setting != choice.setting) {
        refuse(opened.name, "setting", in_quotes(model.setting), in_quotes(choice.setting));
    }
    if (model.engine.name != choice.engine) {
        refuse(opened.name, "engine", in_quotes(model.engine.name), in_quotes(choice.engine));
    }
    return opened;
}

}  // namespace sotto::model_file
