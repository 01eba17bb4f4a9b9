// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "search/space/expression_compiler.hpp"
#include "search/space/program_writer.hpp"
#include "search/space/scope.hpp"
#include "search/space/space_template.hpp"
#include "search/space/template_values.hpp"

namespace sotto::search::language {

inline constexpr std::size_t maximum_genes = 16384;

/// The scopes of an expanded space: what each name stands for. Choices and definitions are written to the program when
/// their name is first needed, which orders them by dependence and finds cycles. Every function throws
/// input::InputError.
class Names {
  public:
    explicit Names(ProgramWriter& writer) : writer_(writer) {}

    /// Scopes live as long as this object.
    Scope& new_scope(Scope* values_from, Scope* parts_from, std::string path, std::string layer_path);

    /// The names of the body's choices and definitions, and then their values.
    void declare(Scope& scope, const BodyTemplate& body);
    void resolve_all(Scope& scope, const BodyTemplate& body);
    /// What an expression, read in `scope`, stands for under the name `path`.
    NamedValue define(Scope& scope, const std::string& path, const Expression& expression);

    CompiledExpression compile(Scope& scope, const Expression& expression, Counts counts = Counts::refused);
    CompiledExpression compile_node(Scope& scope, const Expression& expression, std::uint32_t node, Counts counts);

    /// The slot that a path names, as seen from `scope`.
    std::uint32_t find_slot(Scope& scope, const Expression& expression, const std::vector<PathElement>& path);

    /// Throws for a choice that was declared and never read.
    void check_choices_are_used() const;

  private:
    class View;

    const NamedValue& resolve(Scope& scope, const std::string& name, ValueBinding& binding);
    NamedValue resolve_choice(Scope& scope, const ChoiceTemplate& source);
    void tie(Scope& scope, const Expression& path, Choice& choice);
    void read_alternatives(Scope& scope, const ChoiceTemplate& source, Choice& choice);
    CompiledExpression choice_condition(Scope& scope, const Expression& expression);
    NamedValue find_value(Scope& scope, const Expression& expression, const ExpressionNode& node);
    NamedValue find_value_inside(Scope& scope, const Expression& expression, const ExpressionNode& node);
    const PartBinding& find_part(const Scope& scope, const Expression& expression, const PathElement& element,
                                 bool inside) const;
    std::size_t iteration_of(Scope& scope, const Expression& expression, const PathElement& element,
                             const PartBinding& part, bool needed);

    ProgramWriter& writer_;
    std::deque<Scope> scopes_;
    std::uint32_t groups_ = 0;
    std::vector<const ValueBinding*> resolving_;
    std::vector<const ChoiceTemplate*> declared_choices_;
    std::set<const ChoiceTemplate*> used_choices_;
};

/// `'a', 'b' or 'c'`, or the first few of many.
std::string list_some(const std::set<std::string_view>& names);

/// Throws: `name` was found, a `what` out of `known` expected.
[[noreturn]] void unknown_name(const input::SourceLocation& location, const std::string& problem,
                               const std::string& name, const std::string& what,
                               const std::set<std::string_view>& known);

/// The literal as a register holds it.
std::int64_t literal_value(ProgramWriter& writer, const Literal& literal);

/// `name` in front of which the scope's path stands.
std::string path_in(const Scope& scope, const std::string& name);

}  // namespace sotto::search::language
