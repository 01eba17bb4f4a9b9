// SPDX-License-Identifier: Apache-2.0
#include "search/space/names.hpp"

#include <algorithm>
#include <utility>

namespace sotto::search::language {

using input::InputError;
using input::SourceLocation;

namespace {

constexpr std::size_t maximum_resolving_depth = 64;
constexpr std::size_t most_names_listed = 16;

std::set<std::string_view> visible_values(const Scope& scope) {
    std::set<std::string_view> names;
    for (const Scope* at = &scope; at != nullptr; at = at->values_from) {
        for (const auto& [name, binding] : at->values) {
            names.insert(name);
        }
    }
    return names;
}

std::set<std::string_view> visible_parts(const Scope& scope, bool inside) {
    std::set<std::string_view> names;
    for (const Scope* at = &scope; at != nullptr; at = inside ? nullptr : at->parts_from) {
        for (const auto& [name, binding] : at->parts) {
            names.insert(name);
        }
    }
    return names;
}

ValueType value_type(Literal::Type type) {
    switch (type) {
        case Literal::Type::number:
            return ValueType::number;
        case Literal::Type::boolean:
            return ValueType::boolean;
        case Literal::Type::word:
            break;
    }
    return ValueType::word;
}

}  // namespace

// Expressions see names from one scope.
class Names::View final : public NameResolver {
  public:
    View(Names& names, Scope& scope) : names_(names), scope_(scope) {}

    NamedValue value(const Expression& expression, const ExpressionNode& node) override {
        return names_.find_value(scope_, expression, node);
    }
    std::uint32_t slot(const Expression& expression, const ExpressionNode& node) override {
        return names_.find_slot(scope_, expression, node.path);
    }
    std::int64_t word(const std::string& text) override { return names_.writer_.intern(text); }
    const std::string& word_text(std::int64_t word) const override {
        return names_.writer_.program.words[static_cast<std::size_t>(word)];
    }

  private:
    Names& names_;
    Scope& scope_;
};

Scope& Names::new_scope(Scope* values_from, Scope* parts_from, std::string path, std::string layer_path) {
    Scope& scope = scopes_.emplace_back();
    scope.values_from = values_from;
    scope.parts_from = parts_from;
    scope.path = std::move(path);
    scope.layer_path = std::move(layer_path);
    scope.group = groups_++;
    return scope;
}

void Names::declare(Scope& scope, const BodyTemplate& body) {
    const auto add = [&](const std::string& name, const SourceLocation& location, ValueBinding binding) {
        binding.state = ValueBinding::State::waiting;
        if (!scope.values.emplace(name, std::move(binding)).second) {
            throw InputError({location,
                              "a name is declared twice",
                              quoted(name),
                              "each choice, definition and parameter under its own name",
                              {}});
        }
    };
    for (const ChoiceTemplate& choice : body.choices) {
        ValueBinding binding;
        binding.choice = &choice;
        add(choice.name, choice.location, std::move(binding));
        declared_choices_.push_back(&choice);
    }
    for (const DefinitionTemplate& definition : body.definitions) {
        ValueBinding binding;
        binding.definition = &definition;
        add(definition.name, definition.location, std::move(binding));
    }
}

void Names::resolve_all(Scope& scope, const BodyTemplate& body) {
    for (const ChoiceTemplate& choice : body.choices) {
        resolve(scope, choice.name, scope.values.at(choice.name));
    }
    for (const DefinitionTemplate& definition : body.definitions) {
        resolve(scope, definition.name, scope.values.at(definition.name));
    }
}

const NamedValue& Names::resolve(Scope& scope, const std::string& name, ValueBinding& binding) {
    if (binding.state == ValueBinding::State::resolved) {
        return binding.value;
    }
    const SourceLocation& location =
        binding.choice != nullptr ? binding.choice->location : binding.definition->location;
    if (binding.state == ValueBinding::State::resolving) {
        std::string cycle;
        for (auto at = std::find(resolving_.begin(), resolving_.end(), &binding); at != resolving_.end(); ++at) {
            cycle += ((*at)->choice != nullptr ? (*at)->choice->name : (*at)->definition->name) + " -> ";
        }
        throw InputError({location,
                          quoted(name) + " depends on itself",
                          cycle + name,
                          "conditions and definitions without a cycle",
                          {}});
    }
    if (resolving_.size() >= maximum_resolving_depth) {
        throw InputError({location,
                          quoted(name) + " depends on too long a chain of others",
                          {},
                          "at most " + std::to_string(maximum_resolving_depth),
                          {}});
    }
    binding.state = ValueBinding::State::resolving;
    resolving_.push_back(&binding);
    binding.value = binding.choice != nullptr ? resolve_choice(scope, *binding.choice)
                                              : define(scope, path_in(scope, name), binding.definition->value);
    resolving_.pop_back();
    binding.state = ValueBinding::State::resolved;
    return binding.value;
}

NamedValue Names::define(Scope& scope, const std::string& path, const Expression& expression) {
    const CompiledExpression compiled = compile(scope, expression);
    NamedValue named;
    named.type = compiled.type;
    named.set = compiled.set;
    if (compiled.constant) {
        named.constant = true;
        named.value = compiled.value;
        return named;
    }
    named.may_be_unset = compiled.may_be_unset;
    named.shape_dependent = compiled.shape_dependent;
    const bool alias = compiled.code.size() == 1 &&
                       (compiled.code[0].op == Opcode::load || compiled.code[0].op == Opcode::load_checked);
    if (alias) {
        named.reg = compiled.code[0].where;
        if (!compiled.genes.empty()) {
            named.gene = compiled.genes[0];
        }
        return named;
    }
    named.shape_dependent = named.shape_dependent || writer_.in_shape_context();
    named.genes = compiled.genes;
    named.reg = writer_.new_register(path);
    writer_.add_evaluation(named.reg, writer_.store(compiled, expression.location), expression.location,
                           named.shape_dependent, named.may_be_unset);
    return named;
}

CompiledExpression Names::compile(Scope& scope, const Expression& expression, Counts counts) {
    View view(*this, scope);
    return compile_expression(expression, view, counts);
}

CompiledExpression Names::compile_node(Scope& scope, const Expression& expression, std::uint32_t node, Counts counts) {
    View view(*this, scope);
    return language::compile_node(expression, node, view, counts);
}

CompiledExpression Names::choice_condition(Scope& scope, const Expression& expression) {
    CompiledExpression compiled = compile(scope, expression);
    expect_type(compiled, ValueType::boolean, expression.location, "condition");
    if (compiled.shape_dependent) {
        throw InputError({expression.location,
                          "the condition of a choice depends on the shape of a layer",
                          quoted(expression.text),
                          "a condition on other choices alone",
                          {}});
    }
    return compiled;
}

NamedValue Names::resolve_choice(Scope& scope, const ChoiceTemplate& source) {
    if (writer_.in_shape_context()) {
        throw InputError({source.location,
                          "a choice inside a part whose condition depends on the shape of a layer",
                          quoted(source.name),
                          "a condition on choices alone, or the choice outside the part",
                          {}});
    }
    Choice choice;
    choice.name = path_in(scope, source.name);
    choice.location = source.location;
    choice.group = scope.group;
    ChoiceStep step;
    if (source.same_as) {
        tie(scope, *source.same_as, choice);
    }
    read_alternatives(scope, source, choice);
    if (source.when) {
        const CompiledExpression condition = choice_condition(scope, *source.when);
        step.value = writer_.store(condition, source.when->location);
        step.conditional = !condition.constant || condition.value == 0;
    }
    Program& program = writer_.program;
    if (program.choices.size() >= maximum_genes) {
        throw InputError({source.location,
                          "the space has too many choices once its repeats are unrolled",
                          {},
                          "at most " + std::to_string(maximum_genes),
                          {}});
    }
    choice.reg = writer_.new_register(choice.name);
    step.index = static_cast<std::uint32_t>(program.choices.size());

    NamedValue named;
    named.type = choice.type;
    named.reg = choice.reg;
    named.gene = step.index;
    std::vector<std::int64_t> possible = choice.values;
    if (source.otherwise) {
        if (value_type(source.otherwise->type) != choice.type) {
            throw InputError({source.otherwise->location,
                              "'otherwise' of a choice has the wrong type",
                              quoted(source.otherwise->text),
                              std::string(type_text(choice.type)),
                              {}});
        }
        step.otherwise = literal_value(writer_, *source.otherwise);
        possible.push_back(*step.otherwise);
    }
    named.set = ValueSet::of(std::move(possible));
    named.may_be_unset = step.conditional && !step.otherwise;
    program.choice_steps.push_back(step);
    program.choices.push_back(std::move(choice));
    return named;
}

void Names::tie(Scope& scope, const Expression& path, Choice& choice) {
    const NamedValue leader = find_value(scope, path, path.nodes.back());
    if (!leader.gene) {
        throw InputError(
            {path.location, "'same_as' does not name a choice", quoted(path.text), "a choice that stands before", {}});
    }
    const Choice& other = writer_.program.choices[*leader.gene];
    choice.leader = other.leader ? *other.leader : *leader.gene;
    choice.type = other.type;
    choice.values = other.values;
    choice.texts = other.texts;
    choice.ordered = other.ordered;
}

void Names::read_alternatives(Scope& scope, const ChoiceTemplate& source, Choice& choice) {
    if (source.same_as) {
        return;
    }
    bool any_condition = false;
    choice.type = value_type(source.alternatives.front().literal.type);
    for (const Alternative& alternative : source.alternatives) {
        choice.values.push_back(literal_value(writer_, alternative.literal));
        choice.texts.push_back(alternative.literal.text);
        std::optional<Value> condition;
        if (alternative.when) {
            any_condition = true;
            condition = writer_.store(choice_condition(scope, *alternative.when), alternative.when->location);
        }
        choice.conditions.push_back(condition);
    }
    if (!any_condition) {
        choice.conditions.clear();
    }
    choice.ordered = source.ordered.value_or(choice.type == ValueType::number &&
                                             std::is_sorted(choice.values.begin(), choice.values.end()));
}

NamedValue Names::find_value(Scope& scope, const Expression& expression, const ExpressionNode& node) {
    const std::string& first = node.path[0].name;
    if (node.path.size() > 1 || node.path[0].index != PathElement::no_index) {
        return find_value_inside(scope, expression, node);
    }
    for (Scope* at = &scope; at != nullptr; at = at->values_from) {
        const auto found = at->values.find(first);
        if (found != at->values.end()) {
            if (found->second.choice != nullptr) {
                used_choices_.insert(found->second.choice);
            }
            return resolve(*at, first, found->second);
        }
    }
    unknown_name(expression.location, "expression " + quoted(expression.text) + " uses an unknown name", first,
                 "a choice, definition or parameter (a word stands in quotes)", visible_values(scope));
}

NamedValue Names::find_value_inside(Scope& scope, const Expression& expression, const ExpressionNode& node) {
    Scope* at = &scope;
    bool conditional = false;
    for (std::size_t i = 0; i + 1 < node.path.size(); ++i) {
        const PartBinding& part = find_part(*at, expression, node.path[i], i > 0);
        const std::size_t iteration = iteration_of(scope, expression, node.path[i], part, true);
        conditional = conditional || part.conditional || (part.repeated && iteration >= part.certain_iterations);
        if (iteration >= part.scopes.size()) {
            throw InputError({expression.location,
                              quoted(expression.text) + " looks inside a single layer",
                              quoted(node.path[i].name),
                              "a block, a group or a selection",
                              {}});
        }
        at = part.scopes[iteration];
    }
    const std::string& name = node.path.back().name;
    const auto found = at->values.find(name);
    if (found == at->values.end() || node.path.back().index != PathElement::no_index) {
        std::set<std::string_view> names;
        for (const auto& [known, binding] : at->values) {
            names.insert(known);
        }
        unknown_name(expression.location, "expression " + quoted(expression.text) + " uses an unknown name", name,
                     "a choice or definition of '" + at->path + '\'', names);
    }
    if (found->second.choice != nullptr) {
        used_choices_.insert(found->second.choice);
    }
    NamedValue value = resolve(*at, name, found->second);
    value.may_be_unset = value.may_be_unset || (conditional && !value.constant);
    return value;
}

const PartBinding& Names::find_part(const Scope& scope, const Expression& expression, const PathElement& element,
                                    bool inside) const {
    for (const Scope* at = &scope; at != nullptr; at = inside ? nullptr : at->parts_from) {
        const auto found = at->parts.find(element.name);
        if (found != at->parts.end()) {
            return found->second;
        }
    }
    unknown_name(expression.location, quoted(expression.text) + " names an unknown part", element.name,
                 "a part that stands before", visible_parts(scope, inside));
}

std::size_t Names::iteration_of(Scope& scope, const Expression& expression, const PathElement& element,
                                const PartBinding& part, bool needed) {
    if (element.index == PathElement::no_index) {
        if (part.repeated && needed) {
            throw InputError({expression.location,
                              quoted(expression.text) + " does not say which iteration",
                              quoted(element.name),
                              "an iteration, such as " + quoted(element.name + "[0]"),
                              {}});
        }
        return 0;
    }
    const CompiledExpression index = compile_node(scope, expression, element.index, Counts::refused);
    if (!part.repeated || !index.constant || index.type != ValueType::number) {
        throw InputError(
            {expression.location,
             quoted(expression.text) + " gives an iteration that is not known",
             part.repeated ? "a number that depends on choices" : "a part that is not repeated",
             part.repeated ? "a constant or 'index', plus or minus a constant" : "the name without brackets",
             {}});
    }
    const auto iterations = static_cast<std::int64_t>(part.iteration_slots.size());
    if (index.value < 0 || index.value >= iterations) {
        throw InputError({expression.location,
                          quoted(expression.text) + " names an iteration that does not exist",
                          std::to_string(index.value),
                          "0 to " + std::to_string(iterations - 1),
                          {}});
    }
    return static_cast<std::size_t>(index.value);
}

std::uint32_t Names::find_slot(Scope& scope, const Expression& expression, const std::vector<PathElement>& path) {
    Scope* at = &scope;
    for (std::size_t i = 0;; ++i) {
        const PartBinding& part = find_part(*at, expression, path[i], i > 0);
        const bool last = i + 1 == path.size();
        const std::size_t iteration = iteration_of(scope, expression, path[i], part, !last);
        if (last && path[i].index == PathElement::no_index && !part.complete) {
            throw InputError({expression.location,
                              quoted(expression.text) + " names the part that it stands in",
                              quoted(path[i].name),
                              "a part that stands before, or 'input'",
                              {}});
        }
        if (last) {
            return path[i].index == PathElement::no_index ? part.slot : part.iteration_slots[iteration];
        }
        if (iteration >= part.scopes.size()) {
            throw InputError({expression.location,
                              quoted(expression.text) + " looks inside a single layer",
                              quoted(path[i].name),
                              "a block, a group or a selection",
                              {}});
        }
        at = part.scopes[iteration];
    }
}

void Names::check_choices_are_used() const {
    for (const ChoiceTemplate* choice : declared_choices_) {
        if (used_choices_.find(choice) == used_choices_.end()) {
            throw InputError(
                {choice->location, "a choice is never used", quoted(choice->name), "an expression that reads it", {}});
        }
    }
}

std::string list_some(const std::set<std::string_view>& names) {
    std::vector<std::string_view> listed(names.begin(), names.end());
    if (listed.size() <= most_names_listed) {
        return listed.empty() ? "there is none" : input::list_names(listed);
    }
    listed.resize(most_names_listed);
    return input::list_names(listed) + " or another of " + std::to_string(names.size());
}

void unknown_name(const SourceLocation& location, const std::string& problem, const std::string& name,
                  const std::string& what, const std::set<std::string_view>& known) {
    const std::vector<std::string_view> candidates(known.begin(), known.end());
    throw InputError({location, problem, quoted(name), what + ": " + list_some(known),
                      std::string(input::nearest_name(name, candidates))});
}

std::int64_t literal_value(ProgramWriter& writer, const Literal& literal) {
    return literal.type == Literal::Type::word ? writer.intern(literal.text) : literal.number;
}

std::string path_in(const Scope& scope, const std::string& name) {
    return scope.path.empty() ? name : scope.path + '.' + name;
}

}  // namespace sotto::search::language
