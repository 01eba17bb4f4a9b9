// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace sotto::plugin {

enum class Kind : std::uint8_t { cost_model, accuracy_proxy };

/// `cost model`, `accuracy proxy`.
std::string to_text(Kind kind);

enum class Direction : std::uint8_t { neutral, minimize, maximize };

/// A named number that a plug-in gives, with its unit once and for all.
struct Metric {
    std::string name;
    std::string unit;
    std::string description;
    Direction direction = Direction::neutral;
    bool non_negative = false;
    bool is_sum = false;  ///< the per-operation values add up to it

    friend bool operator==(const Metric&, const Metric&) = default;
};

enum class ParameterType : std::uint8_t { integer, number, text, boolean };

struct Parameter {
    std::string name;
    std::string help;
    ParameterType type = ParameterType::text;
    bool required = false;
    double least = 0;
    double most = 0;
    std::string default_value;
    std::vector<std::string> choices;  ///< empty: any text

    friend bool operator==(const Parameter&, const Parameter&) = default;
};

enum class ThreadLevel : std::uint8_t { none, instance, shared };

/// A plug-in whose typical_cost_us is at least this is costly: it is given one candidate at a time, and where it offers
/// sotto.incremental goes on from a candidate before.
inline constexpr double costly_from_us = 1000;

/// A plug-in as its descriptor states it, copied and checked at registration.
struct Description {
    Kind kind = Kind::cost_model;
    std::string id;
    std::string version;
    std::string description;
    std::string library;  ///< file it was loaded from; empty: built in
    bool needs_network = false;
    bool needs_program = false;
    bool deterministic = true;
    ThreadLevel thread_level = ThreadLevel::none;
    bool own_threads = false;  ///< instances start threads of their own
    double typical_cost_us = 0;
    std::uint32_t preferred_batch = 0;          ///< 0: no matter
    std::vector<std::int32_t> operation_kinds;  ///< SOTTO_OPERATION_ that can be scored; empty: not declared
    std::vector<std::int32_t> layer_kinds;      ///< SOTTO_LAYER_, the same
    std::vector<Metric> metrics;
    std::vector<Parameter> parameters;

    friend bool operator==(const Description&, const Description&) = default;
};

/// A plug-in that could not be loaded, created, or that broke the contract. The text names the plug-in (and library)
/// and gives found and expected.
class PluginError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

}  // namespace sotto::plugin
