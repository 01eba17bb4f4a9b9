// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sotto/plugin.h"

#include "engine/plugin/border_call.hpp"
#include "engine/plugin/description.hpp"
#include "tools/nas-plugin/check/check.hpp"
#include "tools/nas-plugin/check/test_host.hpp"

namespace sotto::check {

/// Notes that a call left other floating-point modes behind; they have been put back. [any thread]
void note_changed_modes(const std::string& function);
/// The first call that did; empty: none.
std::string changed_modes();

/// Runs a call into the plug-in; an exception that leaves it fails the check.
template <typename Call>
void guarded(const char* function, Call&& call) {
    const plugin::FloatingPointModes modes = plugin::FloatingPointModes::current();
    std::string exception;
    {
        const plugin::BorderCrossing crossing("", function);
        exception = plugin::escaped_exception(std::forward<Call>(call));
    }
    if (plugin::FloatingPointModes::current() != modes) {
        modes.restore();
        note_changed_modes(function);
    }
    if (!exception.empty()) {
        fail(std::string(function) + ": " + exception);
    }
}

/// One plug-in of the library.
struct Offered {
    plugin::Kind kind = plugin::Kind::cost_model;
    const sotto_factory* factory = nullptr;
    const sotto_descriptor* descriptor = nullptr;
    plugin::Description description;
};

const char* factory_id(plugin::Kind kind);

/// A library that the loader's rules admit, loaded, or one that is built in; its entry is checked.
class LibraryUnderTest {
  public:
    explicit LibraryUnderTest(const Context& context);

    const sotto_plugin_entry_v1& entry() const noexcept { return *entry_; }
    TestHost& host() noexcept { return host_; }

    void init();
    void deinit();
    const sotto_factory* factory(const char* id) const;
    /// All plug-ins, descriptors checked.
    std::vector<Offered> offered() const;
    /// The plug-in of the context.
    Offered find(const Context& context) const;

  private:
    std::string path_;  // empty: built in
    const sotto_plugin_entry_v1* entry_ = nullptr;
    TestHost host_;
};

}  // namespace sotto::check
