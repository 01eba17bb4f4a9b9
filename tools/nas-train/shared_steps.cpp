// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "engine/input/input_error.hpp"
#include "tools/command_line/stop_request.hpp"
#include "tools/nas-train/commands.hpp"

namespace sotto::tools {

std::function<void(std::string_view)> notes(bool quiet) {
    return [quiet](std::string_view text) {
        if (!quiet) {
            std::fprintf(stderr, "nas-train: %.*s\n", static_cast<int>(text.size()), text.data());
        }
    };
}

training::TrainingOptions training_options(std::string_view setting, std::uint64_t seed) {
    training::TrainingOptions options;
    options.setting = *training::find_setting(setting);
    options.seed = seed;
    options.is_cancelled = [] { return stop_flag().load(); };
    return options;
}

training::Split split_of(std::string_view name) {
    return name == "rows"     ? training::Split::rows
           : name == "config" ? training::Split::configurations
                              : training::Split::networks;
}

void check_output(const std::string& path, bool force) {
    std::error_code none;
    const std::filesystem::path file(path);
    if (std::filesystem::exists(file, none) && (!force || std::filesystem::is_directory(file, none))) {
        throw input::InputError({{path, 0, 0}, "is there already", {}, "a new file, or --force", {}});
    }
    const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
    if (!std::filesystem::is_directory(folder, none)) {
        throw input::InputError({{path, 0, 0}, "cannot be written", "no folder " + folder.string(), {}, {}});
    }
}

}  // namespace sotto::tools
