// SPDX-License-Identifier: Apache-2.0
#include "engine/pytorch/identifiers.hpp"

#include <algorithm>
#include <array>

namespace sotto::pytorch {
namespace {

// Sorted, all of them.
constexpr std::array<std::string_view, 35> keywords{
    "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
    "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
    "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
    "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};

// Public attributes of an object of class torch.nn.Module; private ones begin with an underscore, which no identifier
// does.
constexpr std::array<std::string_view, 54> module_attributes{"T_destination",
                                                             "add_module",
                                                             "apply",
                                                             "bfloat16",
                                                             "buffers",
                                                             "call_super_init",
                                                             "children",
                                                             "compile",
                                                             "cpu",
                                                             "cuda",
                                                             "double",
                                                             "dump_patches",
                                                             "eval",
                                                             "extra_repr",
                                                             "float",
                                                             "forward",
                                                             "get_buffer",
                                                             "get_extra_state",
                                                             "get_parameter",
                                                             "get_submodule",
                                                             "half",
                                                             "ipu",
                                                             "load_state_dict",
                                                             "modules",
                                                             "mtia",
                                                             "named_buffers",
                                                             "named_children",
                                                             "named_modules",
                                                             "named_parameters",
                                                             "parameters",
                                                             "register_backward_hook",
                                                             "register_buffer",
                                                             "register_forward_hook",
                                                             "register_forward_pre_hook",
                                                             "register_full_backward_hook",
                                                             "register_full_backward_pre_hook",
                                                             "register_load_state_dict_post_hook",
                                                             "register_load_state_dict_pre_hook",
                                                             "register_module",
                                                             "register_parameter",
                                                             "register_state_dict_post_hook",
                                                             "register_state_dict_pre_hook",
                                                             "requires_grad_",
                                                             "set_extra_state",
                                                             "set_submodule",
                                                             "share_memory",
                                                             "state_dict",
                                                             "to",
                                                             "to_empty",
                                                             "train",
                                                             "training",
                                                             "type",
                                                             "xpu",
                                                             "zero_grad"};

constexpr std::array<std::string_view, 75> builtins{
    "abs",       "aiter",   "all",       "anext",      "any",          "ascii",   "bin",     "bool",      "breakpoint",
    "bytearray", "bytes",   "callable",  "chr",        "classmethod",  "compile", "complex", "copyright", "credits",
    "delattr",   "dict",    "dir",       "divmod",     "enumerate",    "eval",    "exec",    "exit",      "filter",
    "float",     "format",  "frozenset", "getattr",    "globals",      "hasattr", "hash",    "help",      "hex",
    "id",        "input",   "int",       "isinstance", "issubclass",   "iter",    "len",     "license",   "list",
    "locals",    "map",     "max",       "memoryview", "min",          "next",    "object",  "oct",       "open",
    "ord",       "pow",     "print",     "property",   "quit",         "range",   "repr",    "reversed",  "round",
    "set",       "setattr", "slice",     "sorted",     "staticmethod", "str",     "sum",     "super",     "tuple",
    "type",      "vars",    "zip"};

template <std::size_t count>
bool holds(const std::array<std::string_view, count>& names, std::string_view name) {
    return std::binary_search(names.begin(), names.end(), name);
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

std::string to_identifier(std::string_view name, std::string_view fallback) {
    std::string identifier;
    bool has_gap = false;  // other bytes were left out
    for (const char c : name) {
        if (!is_letter(c) && !is_digit(c) && c != '_') {
            has_gap = true;
            continue;
        }
        if (has_gap && !identifier.empty() && identifier.back() != '_' && c != '_') {
            identifier += '_';
        }
        has_gap = false;
        identifier += c;
    }
    if (std::none_of(identifier.begin(), identifier.end(), [](char c) { return is_letter(c) || is_digit(c); })) {
        return std::string(fallback);
    }
    if (!is_letter(identifier.front())) {
        identifier.insert(0, std::string(fallback) + (identifier.front() == '_' ? "" : "_"));
    }
    if (identifier.size() > maximum_identifier_length) {
        identifier.resize(maximum_identifier_length);
    }
    return identifier;
}

std::string attribute_identifier(const std::string& identifier) {
    return holds(keywords, identifier) || holds(module_attributes, identifier) ? identifier + '_' : identifier;
}

std::string variable_identifier(const std::string& identifier) {
    const bool is_used = identifier == "self" || identifier == "torch" || identifier == "x";
    return is_used || holds(keywords, identifier) || holds(builtins, identifier) ? identifier + '_' : identifier;
}

std::string UniqueIdentifiers::add(const std::string& identifier) {
    std::size_t& asked = given_[identifier];
    if (++asked == 1) {
        return identifier;
    }
    for (;; ++asked) {
        std::string numbered = identifier + '_' + std::to_string(asked);
        // The reference stays valid: only iterators do not.
        if (given_.emplace(numbered, 1).second) {
            return numbered;
        }
    }
}

std::vector<std::string> attribute_names(const arch::Network& network, UniqueIdentifiers& given) {
    std::vector<std::string> names(network.size());
    for (arch::LayerIndex index = 0; index < network.size(); ++index) {
        names[index] =
            attribute_identifier(to_identifier(network.layer_name(index), arch::to_text(network.layer(index).kind)));
    }
    for (const bool has_own_name : {true, false}) {
        for (arch::LayerIndex index = 0; index < network.size(); ++index) {
            if ((names[index] == network.layer_name(index)) == has_own_name) {
                names[index] = given.add(names[index]);
            }
        }
    }
    return names;
}

}  // namespace sotto::pytorch
