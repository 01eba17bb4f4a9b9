// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "engine/plugin/description.hpp"
#include "tests/support/catch.hpp"

/// The text of the PluginError that `call` throws; empty where it throws none.
template <typename Call>
std::string message_or_empty(Call&& call) {
    try {
        std::forward<Call>(call)();
    } catch (const sotto::plugin::PluginError& error) {
        return error.what();
    }
    return {};
}

/// The text of the PluginError that `call` throws; empty, after a failed check, where it throws none.
template <typename Call>
std::string message_of(Call&& call) {
    try {
        std::forward<Call>(call)();
    } catch (const sotto::plugin::PluginError& error) {
        return error.what();
    }
    FAIL_CHECK("no PluginError was thrown");
    return {};
}
