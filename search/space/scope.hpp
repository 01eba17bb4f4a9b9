// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "search/space/expression_compiler.hpp"
#include "search/space/space_template.hpp"

namespace sotto::search::language {

struct Scope;

/// A part of the template after expansion, as other parts refer to it.
struct PartBinding {
    std::uint32_t slot = 0;  ///< where its output stands
    bool complete = false;   ///< false: being compiled, only its iterations so far can be named
    bool repeated = false;
    bool conditional = false;                    ///< may be left out
    std::vector<Scope*> scopes;                  ///< what is inside: one, or one per iteration; empty for a layer
    std::vector<std::uint32_t> iteration_slots;  ///< repeated
    std::uint32_t certain_iterations = 0;        ///< repeated: those that no candidate leaves out
};

/// A name that stands for a value, resolved when it is first needed (which finds cycles).
struct ValueBinding {
    enum class State : std::uint8_t { waiting, resolving, resolved };
    State state = State::resolved;
    const ChoiceTemplate* choice = nullptr;
    const DefinitionTemplate* definition = nullptr;
    NamedValue value;
};

/// The names that one expanded body declares, and where it looks for others.
struct Scope {
    Scope* values_from = nullptr;  ///< next scope for values
    Scope* parts_from = nullptr;   ///< next scope for parts
    std::map<std::string, ValueBinding> values;
    std::map<std::string, PartBinding> parts;
    std::string path;        ///< in front of the names of choices: `fire[3]`
    std::string layer_path;  ///< in front of the names of layers: `fire[3]/`
    std::uint32_t group = 0;
};

}  // namespace sotto::search::language
