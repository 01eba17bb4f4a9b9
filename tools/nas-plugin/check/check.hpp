// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/plugin/description.hpp"

namespace sotto::check {

/// `crashed`: the child process died. `skipped`: what the check needs is not there. `warning`: depends on timing, or is
/// no breach of the contract; people should look.
enum class Outcome : std::uint8_t { success, failed, crashed, skipped, warning };

std::string_view to_text(Outcome outcome);

/// Ends a check with an outcome other than success.
class Verdict : public std::runtime_error {
  public:
    Verdict(Outcome given, const std::string& text) : std::runtime_error(text), outcome(given) {}
    Outcome outcome;
};

[[noreturn]] inline void fail(const std::string& text) {
    throw Verdict(Outcome::failed, text);
}
[[noreturn]] inline void skip(const std::string& text) {
    throw Verdict(Outcome::skipped, text);
}
[[noreturn]] inline void warn(const std::string& text) {
    throw Verdict(Outcome::warning, text);
}

/// What one run of a check is about.
struct Context {
    std::string library;          ///< absolute path, or the name of what is built in (see LibraryChoice)
    bool allow_writable = false;  ///< a library that others can write to is loaded all the same
    plugin::Kind kind = plugin::Kind::cost_model;
    std::string plugin;                             ///< id; empty for checks of the library
    std::map<std::string, std::string> parameters;  ///< as typed; each plug-in takes those it declares
    std::uint64_t seed = 1;
    std::uint64_t fuzz_count = 200;
    double fuzz_seconds = 0;  ///< above 0: instead of the count
    double timeout_seconds = 60;
    /// Notes what is done next: named when the plug-in dies or hangs in it.
    std::function<void(const std::string& what)> step = [](const std::string&) {};
};

enum class Scope : std::uint8_t { library, plugin };

/// One thing that a plug-in has to keep.
struct Check {
    std::string_view name;         ///< kebab-case
    std::string_view description;  ///< one sentence: what is asserted
    Scope scope = Scope::plugin;
    std::string_view needs;  ///< names of earlier checks, with spaces between: skipped unless they succeeded
    /// Returns a note for people, may be empty; throws Verdict, or plugin::PluginError for a failure.
    std::string (*run)(const Context& context) = nullptr;
    /// Its process then ends as a program does, with exit handlers and the destructors of libraries: they are part of
    /// what is checked. That of another check ends at once.
    bool ends_process = false;
};

/// Every check, in the order in which they run.
std::span<const Check> all_checks();

// The themes all_checks consists of.
std::span<const Check> loading_checks();
std::span<const Check> creation_checks();
std::span<const Check> result_checks();
std::span<const Check> parameter_checks();
std::span<const Check> agreement_checks();
std::span<const Check> candidate_checks();
std::span<const Check> extension_checks();
std::span<const Check> state_checks();
std::span<const Check> resource_checks();
std::span<const Check> process_checks();
std::span<const Check> memory_checks();
std::span<const Check> incremental_checks();
std::span<const Check> host_service_checks();

/// What most checks of results need.
inline constexpr std::string_view sound_results =
    "creates-with-defaults evaluates every-record-written every-metric-written finite-results non-negative-results";
/// What those need that compare results.
inline constexpr std::string_view repeatable_results =
    "creates-with-defaults evaluates every-record-written every-metric-written finite-results non-negative-results "
    "deterministic-as-declared";
/// What those need that compare results of one call with results of another.
inline constexpr std::string_view batchable_results =
    "creates-with-defaults evaluates every-record-written every-metric-written finite-results non-negative-results "
    "deterministic-as-declared order-invariant batch-equals-singles";
/// What those need that compare results of functions of extensions.
inline constexpr std::string_view extension_results =
    "creates-with-defaults evaluates every-record-written every-metric-written finite-results non-negative-results "
    "deterministic-as-declared order-invariant batch-equals-singles extensions-complete";

}  // namespace sotto::check
