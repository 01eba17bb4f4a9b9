// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/arch/network.hpp"
#include "engine/input/input_error.hpp"
#include "search/space/genome.hpp"

namespace sotto::search::language {

// What a space compiles to: every block expanded, every repeat unrolled to its largest count, every name resolved to a
// register (a number at decode time) or a slot (a point of the network's dataflow). Two lists of steps share the
// registers: the choice steps fix which genes are active, the layer steps build the network.

enum class ValueType : std::uint8_t { number, boolean, word };

enum class Opcode : std::uint8_t {
    push,          ///< value
    load,          ///< register `where`
    load_checked,  ///< the same; a fault where it is not set
    negate,
    logical_not,
    add,
    subtract,
    multiply,
    divide,
    modulo,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    minimum,
    maximum,
    ceiling_divide,
    round_to,
    round_up,
    round_down,
    absolute,
    member,         ///< pops `where` values and the one that is looked for among them
    jump,           ///< over `where` instructions
    jump_if_false,  ///< pops
    pick,           ///< pops a number below `where`, jumps over as many instructions; a fault for another number
    is_set,         ///< register `where`
    channels,       ///< of slot `where`
    height,
    width,
    count,  ///< of the finished network: index into CountName
    done,
};

struct Instruction {
    Opcode op = Opcode::done;
    std::uint32_t where = 0;
    std::int64_t value = 0;
};

/// A constant, a register that is always set where it is read, or code (which ends with `done`).
struct Value {
    enum class Form : std::uint8_t { constant, reg, code };
    Form form = Form::constant;
    std::uint32_t index = 0;
    std::int64_t constant = 0;

    static Value of(std::int64_t constant) { return {Form::constant, 0, constant}; }
    static Value in_register(std::uint32_t reg) { return {Form::reg, reg, 0}; }
    bool is_constant() const noexcept { return form == Form::constant; }
};

/// Deepest evaluation stack that any code needs; the compiler refuses more.
inline constexpr std::size_t maximum_stack = 256;

inline constexpr std::array<std::string_view, 5> count_names{"params", "macs", "relus", "comparisons", "layers"};

/// Words of the language; the others of a space follow in the order they are met.
inline constexpr std::array<std::string_view, 20> known_words{
    "none",
    "conv",
    "batch_norm",
    "relu",  // the layer types, in the order of layer_types
    "square",
    "identity",
    "max_pool",
    "average_pool",
    "global_max_pool",
    "global_average_pool",
    "fully_connected",
    "add",
    "concat",
    "flatten",
    "pad",
    "automatic",
    "homomorphic",
    "elementwise",  // in the order of arch::BatchNormalizationForm
    "same",
    "valid"};
inline constexpr std::int64_t first_normalization_word = 15;
inline constexpr std::int64_t same_word = 18;
inline constexpr std::int64_t valid_word = 19;

struct Choice {
    std::string name;
    ValueType type = ValueType::number;
    std::vector<std::int64_t> values;              ///< index = gene
    std::vector<std::string> texts;                ///< the same, as written
    std::vector<std::optional<Value>> conditions;  ///< empty where no alternative has one
    bool ordered = false;                          ///< neighbouring alternatives are alike
    bool counts_iterations = false;                ///< decides how often something is repeated
    std::uint32_t reg = 0;
    std::uint32_t group = 0;              ///< genes of one block instance or iteration share it
    std::optional<std::uint32_t> leader;  ///< the gene that this one always equals
    input::SourceLocation location;
};

struct Requirement {
    Value condition;
    std::string text;  ///< as written
    std::string because;
    std::optional<std::array<Value, 2>> sides;  ///< of a comparison of numbers
    input::SourceLocation location;
};

struct ChoiceStep {
    enum class Kind : std::uint8_t { choice, evaluate, guard, require };
    Kind kind = Kind::choice;
    std::uint32_t index = 0;     ///< choice: gene; evaluate: register; guard: step to go on with; require: requirement
    Value value;                 ///< choice: condition; evaluate; guard: goes on with the next step where true
    bool conditional = false;    ///< choice: `value` counts
    std::uint32_t location = 0;  ///< evaluate: in Program::locations
    bool may_be_unset = false;   ///< evaluate: left unset where it reads an inactive choice
    std::optional<std::int64_t> otherwise;  ///< choice: what it reads as where it is not active
};

enum class PaddingForm : std::uint8_t { none, word, uniform, sides };

struct LayerDescription {
    Value kind = Value::of(0);  ///< a type word
    Value channels = Value::of(1);
    std::array<Value, 2> kernel{Value::of(1), Value::of(1)};
    std::array<Value, 2> stride{Value::of(1), Value::of(1)};
    PaddingForm padding_form = PaddingForm::none;
    std::array<Value, 4> padding;
    Value groups = Value::of(1);
    Value bias = Value::of(1);
    Value form = Value::of(first_normalization_word);  ///< a normalization word
    Value foldable = Value::of(1);
    std::uint32_t first_operand = 0;  ///< in Program::operand_slots
    std::uint32_t operands = 0;
    std::string name;
    input::SourceLocation location;
};

struct LayerStep {
    enum class Kind : std::uint8_t { layer, copy, nothing, evaluate, guard, require };
    Kind kind = Kind::layer;
    std::uint32_t index = 0;     ///< layer: description; evaluate: register; guard: step; require: requirement
    std::uint32_t slot = 0;      ///< layer, copy, nothing: written
    std::uint32_t from = 0;      ///< copy: read
    std::uint32_t location = 0;  ///< evaluate: in Program::locations
    bool may_be_unset = false;   ///< evaluate: left unset where it reads an inactive choice
    Value value;                 ///< evaluate, guard
};

/// A repeated part whose count is one choice.
struct Repeat {
    static constexpr std::uint32_t no_gene = ~std::uint32_t{0};

    std::uint32_t count_gene = 0;
    /// The genes inside each iteration: one row each, the same choice at the same place; no_gene where an iteration has
    /// no such choice. Rows of a part without choices are empty.
    std::vector<std::vector<std::uint32_t>> iterations;
};

struct Program {
    std::string name;
    std::array<Value, 3> input_shape;
    input::SourceLocation input_location;
    std::vector<input::SourceLocation> locations;  ///< of the expressions that steps evaluate
    std::vector<std::string> words;                ///< index = value of a word
    std::vector<Instruction> instructions;
    std::vector<Choice> choices;  ///< index = gene
    std::vector<Repeat> repeats;
    std::vector<ChoiceStep> choice_steps;
    std::vector<LayerStep> layer_steps;
    std::vector<LayerDescription> layers;
    std::vector<std::uint32_t> operand_slots;
    std::vector<Requirement> requirements;
    std::vector<std::uint32_t> final_requirements;  ///< those about counts of the finished network
    std::vector<std::string> register_names;        ///< for errors
    std::vector<std::string> slot_names;            ///< for errors
    std::uint32_t input_slot = 0;
    std::uint32_t output_slot = 0;

    std::size_t registers() const noexcept { return register_names.size(); }
    std::size_t slots() const noexcept { return slot_names.size(); }
};

}  // namespace sotto::search::language
