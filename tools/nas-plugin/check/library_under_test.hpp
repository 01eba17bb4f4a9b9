// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sotto/plugin.h"

#include "engine/plugin/description.hpp"
#include "tools/nas-plugin/check/check.hpp"

namespace sotto::check {

/// Runs a call into the plug-in; an exception that leaves it fails the check.
template <typename Call>
void guarded(const char* function, Call&& call) {
    try {
        std::forward<Call>(call)();
    } catch (const Verdict&) {
        throw;
    } catch (const std::exception& error) {
        fail(std::string(function) + ": an exception escaped: " + error.what());
    } catch (...) {
        fail(std::string(function) + ": an exception of unknown type escaped");
    }
}

/// The host that plug-ins under test see.
class TestHost {
  public:
    TestHost();
    TestHost(const TestHost&) = delete;
    TestHost& operator=(const TestHost&) = delete;

    const sotto_host& host() const noexcept { return host_; }
    void cancel(bool cancelled) { is_cancelled_ = cancelled; }

  private:
    sotto_host host_{};
    std::atomic<bool> is_cancelled_ = false;
};

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
