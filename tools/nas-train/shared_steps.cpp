// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <system_error>

#include "engine/input/input_error.hpp"
#include "engine/run/file_io.hpp"
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

std::function<void(std::size_t, std::size_t)> fold_notes(bool quiet) {
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds interval{2};
    struct Last {
        std::mutex mutex;
        Clock::time_point time = Clock::now();
    };
    return [note = notes(quiet), last = std::make_shared<Last>()](std::size_t done, std::size_t count) {
        const std::lock_guard<std::mutex> lock(last->mutex);
        if (Clock::now() - last->time >= interval) {
            last->time = Clock::now();
            note(std::to_string(done) + " of " + std::to_string(count) + " folds done");
        }
    };
}

namespace {

void require_use_of_link(const char* option, const std::string& value, const training::TrainableModel& model) {
    if (!value.empty() && !model.uses_link()) {
        throw input::InputError({{},
                                 std::string(option) + " is not for this model",
                                 value,
                                 "a model that knows bytes and rounds, such as protocol: '" + std::string(model.id()) +
                                     "' knows the link by its times alone",
                                 {}});
    }
}

}  // namespace

training::TrainingOptions training_options(const TrainOptions& options, const training::TrainableModel& model,
                                           std::string_view setting, const training::Link& link) {
    require_use_of_link("--bandwidth-mbps", options.bandwidth_mbps, model);
    require_use_of_link("--rtt-ms", options.rtt_ms, model);
    training::TrainingOptions result;
    result.setting = *training::find_setting(setting);
    result.setting.link = link;
    if (!options.bandwidth_mbps.empty()) {
        result.setting.link.bandwidth_mbps = std::stod(options.bandwidth_mbps);
    }
    if (!options.rtt_ms.empty()) {
        result.setting.link.rtt_ms = std::stod(options.rtt_ms);
    }
    result.seed = options.seed;
    result.on_fold = fold_notes(options.quiet);
    result.is_cancelled = [] { return stop_flag().load(); };
    return result;
}

training::Split split_of(std::string_view name) {
    return name == "rows"     ? training::Split::rows
           : name == "config" ? training::Split::configurations
                              : training::Split::networks;
}

model_file::EngineProfile with_parameters(model_file::EngineProfile engine, const TrainOptions& options) {
    if (options.bit_length) {
        engine.parameters["bit_length"] = *options.bit_length;
    }
    if (options.engine_threads) {
        engine.parameters["threads"] = *options.engine_threads;
    }
    return engine;
}

void require_no_input(const std::string& path, const std::vector<std::string>& inputs) {
    for (const std::string& input : inputs) {
        std::error_code none;
        if (std::filesystem::equivalent(path, input, none)) {
            throw input::InputError({{path, 0, 0}, "is a file that is read", input, "a file of its own to write", {}});
        }
    }
}

void check_output(const std::string& path, bool force, const std::vector<std::string>& inputs) {
    namespace fs = std::filesystem;
    std::error_code none;
    const std::string partial = path + ".partial";
    require_no_input(path, inputs);
    require_no_input(partial, inputs);
    const fs::path file(path);
    const fs::file_type there = fs::symlink_status(file, none).type();
    if (there != fs::file_type::not_found && there != fs::file_type::none) {
        // A rename would take the place of a device, a pipe or a socket.
        if (!fs::is_regular_file(file, none)) {
            throw input::InputError({{path, 0, 0}, "is there already and is no regular file", {}, "a new file", {}});
        }
        if (!force) {
            throw input::InputError({{path, 0, 0}, "is there already", {}, "a new file, or --force", {}});
        }
    }
    const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
    if (!std::filesystem::is_directory(folder, none)) {
        throw input::InputError({{path, 0, 0}, "cannot be written", "no folder " + folder.string(), {}, {}});
    }
    const run::FileDescriptor trial(::open(partial.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644));
    if (trial.number() < 0) {
        throw input::InputError({{path, 0, 0}, run::with_reason("cannot be written", errno), {}, {}, {}});
    }
    ::unlink(partial.c_str());
}

}  // namespace sotto::tools
