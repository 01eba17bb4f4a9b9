// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/process_state.hpp"

#include <string.h>

#include <clocale>
#include <system_error>

namespace sotto::tools {
namespace {

std::string locale_name() {
    const char* const name = std::setlocale(LC_ALL, nullptr);
    return name == nullptr ? "C" : name;
}

}  // namespace

ProcessState::ProcessState() : locale_(locale_name()) {
    std::error_code none;
    directory_ = std::filesystem::current_path(none);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ}) {
        sigaction(number, nullptr, &handlers_[number]);
    }
}

std::vector<std::string> ProcessState::restore() const {
    std::vector<std::string> changes;
    std::error_code error;
    const std::filesystem::path directory = std::filesystem::current_path(error);
    if (directory != directory_ && !directory_.empty()) {
        std::filesystem::current_path(directory_, error);
        changes.push_back("the working directory (to '" + directory.string() + "')");
    }
    if (const std::string locale = locale_name(); locale != locale_) {
        std::setlocale(LC_ALL, locale_.c_str());
        changes.push_back("the locale (to '" + locale + "')");
    }
    if (plugin::FloatingPointModes::current() != modes_) {
        modes_.restore();
        changes.emplace_back("rounding, traps or denormal numbers");
    }
    for (const auto& [number, handler] : handlers_) {
        struct sigaction found {};
        sigaction(number, nullptr, &found);
        if (found.sa_handler != handler.sa_handler) {
            sigaction(number, &handler, nullptr);
            changes.push_back(std::string("what SIG") + sigabbrev_np(number) + " does");
        }
    }
    return changes;
}

}  // namespace sotto::tools
