// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sotto/plugin.h"

#include "tools/nas-plugin/check/library_under_test.hpp"

namespace sotto::check {

/// What one candidate got.
struct Record {
    sotto_status status = 0;
    std::vector<double> metrics;  ///< as left behind: is_unwritten tells what was not touched
    std::vector<double> operation_values;
    std::string text;
    bool was_altered = false;  ///< the record itself, or memory beyond the metrics
};

/// What one call did.
struct Call {
    sotto_status status = 0;
    std::string text;
    std::vector<Record> records;
};

inline constexpr sotto_status unset_status = -12345;
/// Whether the value is what the host put there before the call.
bool is_unwritten(double value);
/// Equal to the last bit: statuses, and metrics where they count.
bool is_same(const Record& left, const Record& right);
/// `0.1 ms and 0.2 ms` where two records differ, for messages.
std::string difference(const Record& found, const Record& expected);

/// (name, value) of every declared parameter: `given` where declared, else the default. Skips the check where a
/// required parameter is not given.
std::vector<std::pair<std::string, std::string>> arguments_of(const plugin::Description& description,
                                                              const std::map<std::string, std::string>& given);

/// What create did. On failure `instance` is null and `text` says why.
struct Creation {
    sotto_status status = 0;
    sotto_instance* instance = nullptr;
    bool wrote_instance = false;
    std::string text;
};
Creation try_create(const Offered& offered, const sotto_host& host, const std::string& id,
                    const std::vector<std::pair<std::string, std::string>>& arguments);

/// An instance, destroyed in the end.
class Session {
  public:
    Session(const Offered& offered, TestHost& host, const std::vector<std::pair<std::string, std::string>>& arguments);
    /// Takes an instance that was made otherwise.
    Session(plugin::Description description, sotto_instance* instance);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    const plugin::Description& description() const noexcept { return description_; }
    sotto_instance* instance() const noexcept { return instance_; }
    const void* extension(const char* id) const;

    /// One call of evaluate_batch, or of `function` where that is given.
    Call call(std::span<const sotto_candidate* const> candidates, sotto_evaluate_batch function = nullptr,
              bool with_operations = false) const;
    /// One call that must succeed as a whole.
    std::vector<Record> evaluate(std::span<const sotto_candidate* const> candidates) const;
    Record evaluate(const sotto_candidate& candidate) const;
    /// Destroys now; an exception that escapes fails the check.
    void destroy();

  private:
    plugin::Description description_;
    sotto_instance* instance_ = nullptr;
};

/// Library, plug-in and arguments of a context, initialised.
class Bench {
  public:
    explicit Bench(const Context& context);
    ~Bench();
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    LibraryUnderTest& library() noexcept { return library_; }
    const Offered& offered() const noexcept { return offered_; }
    const plugin::Description& description() const noexcept { return offered_.description; }
    const std::vector<std::pair<std::string, std::string>>& arguments() const noexcept { return arguments_; }
    std::unique_ptr<Session> session();

  private:
    LibraryUnderTest library_;
    Offered offered_;
    std::vector<std::pair<std::string, std::string>> arguments_;
};

/// Fails unless the record is sound: a known status, a reason where it is not SOTTO_OK is not asked for, metrics
/// written, finite and non-negative where declared.
void expect_sound(const Record& record, const plugin::Description& description, const std::string& what);

/// Fails unless the records are equal to the last bit.
void expect_same(const Record& found, const Record& expected, const std::string& what);

/// expect_sound, and expect_same where the plug-in is deterministic.
void expect_as_before(const Bench& bench, const Record& found, const Record& expected, const std::string& what);

/// Skips the check of a plug-in that is not deterministic.
void expect_deterministic(const plugin::Description& description);

}  // namespace sotto::check
