// SPDX-License-Identifier: Apache-2.0
#include "search/space/expression.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

namespace sotto::search::language {
namespace {

struct Function {
    std::string_view name;
    Operator op;
    std::size_t least;
    std::size_t most;
};

constexpr std::size_t many = 16;
constexpr std::size_t most_picked = 64;
constexpr std::array functions{
    Function{"min", Operator::minimum, 2, many},
    Function{"max", Operator::maximum, 2, many},
    Function{"ceil_div", Operator::ceiling_divide, 2, 2},
    Function{"round_to", Operator::round_to, 2, 2},
    Function{"round_up", Operator::round_up, 2, 2},
    Function{"round_down", Operator::round_down, 2, 2},
    Function{"abs", Operator::absolute, 1, 1},
    Function{"if", Operator::conditional, 3, 3},
    Function{"pick", Operator::pick, 2, 1 + most_picked},
    Function{"active", Operator::active, 1, 1},
    Function{"channels", Operator::channels, 1, 1},
    Function{"height", Operator::height, 1, 1},
    Function{"width", Operator::width, 1, 1},
};

bool takes_path(Operator op) {
    return op == Operator::active || op == Operator::channels || op == Operator::height || op == Operator::width;
}

bool is_name_start(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool is_name_part(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

struct Token {
    enum class Kind : std::uint8_t { end, number, word, name, symbol };
    Kind kind = Kind::end;
    std::string text;
    std::int64_t number = 0;
};

class Parser {
  public:
    Parser(std::string_view text, const input::SourceLocation& location) : text_(text) {
        result_.location = location;
        result_.text = text;
        advance();
    }

    Expression expression() {
        parse_or();
        finish();
        return std::move(result_);
    }

    Expression path() {
        ExpressionNode node;
        node.op = Operator::reference;
        node.path = parse_path_elements();
        finish();
        add(std::move(node));
        return std::move(result_);
    }

  private:
    // Restores the depth however the caller leaves.
    class Level {
      public:
        explicit Level(Parser& parser) : parser_(parser) {
            if (++parser_.depth_ > maximum_expression_depth) {
                throw input::InputError({parser_.result_.location,
                                         parser_.problem("is nested too deeply"),
                                         {},
                                         "at most " + std::to_string(maximum_expression_depth) + " levels",
                                         {}});
            }
        }
        ~Level() { --parser_.depth_; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;

      private:
        Parser& parser_;
    };

    std::string problem(const std::string& what) const {
        constexpr std::size_t longest = 80;
        const std::string shown =
            result_.text.size() > longest ? result_.text.substr(0, longest) + "..." : result_.text;
        return "expression '" + shown + "' " + what;
    }

    [[noreturn]] void unexpected(const std::string& expected) const {
        throw input::InputError({result_.location,
                                 problem("cannot be read"),
                                 token_.kind == Token::Kind::end ? "its end" : '\'' + token_.text + '\'',
                                 expected,
                                 {}});
    }

    void finish() const {
        if (token_.kind != Token::Kind::end) {
            unexpected("an operator or the end");
        }
    }

    void advance() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
            ++at_;
        }
        token_ = {};
        if (at_ >= text_.size()) {
            return;
        }
        const char c = text_[at_];
        if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
            read_number();
        } else if (is_name_start(c)) {
            const std::size_t begin = at_;
            while (at_ < text_.size() && is_name_part(text_[at_])) {
                ++at_;
            }
            token_.kind = Token::Kind::name;
            token_.text = text_.substr(begin, at_ - begin);
        } else if (c == '\'' || c == '"') {
            const std::size_t close = text_.find(c, at_ + 1);
            if (close == std::string_view::npos) {
                throw input::InputError(
                    {result_.location, problem("has a word without its closing quote"), {}, std::string(1, c), {}});
            }
            token_.kind = Token::Kind::word;
            token_.text = text_.substr(at_ + 1, close - at_ - 1);
            at_ = close + 1;
        } else {
            read_symbol();
        }
    }

    void read_number() {
        token_.kind = Token::Kind::number;
        const std::size_t begin = at_;
        bool fits = true;
        bool whole = true;
        for (; at_ < text_.size() && (is_name_part(text_[at_]) || text_[at_] == '.'); ++at_) {
            const char c = text_[at_];
            if (c == '_') {
                continue;
            }
            if (std::isdigit(static_cast<unsigned char>(c)) == 0) {
                whole = false;
                continue;
            }
            fits = fits && !__builtin_mul_overflow(token_.number, std::int64_t{10}, &token_.number) &&
                   !__builtin_add_overflow(token_.number, std::int64_t{c - '0'}, &token_.number);
        }
        token_.text = text_.substr(begin, at_ - begin);
        if (!whole || !fits) {
            unexpected(whole ? "a number within 64 bits" : "a whole number");
        }
    }

    void read_symbol() {
        static constexpr std::array<std::string_view, 4> pairs{"==", "!=", "<=", ">="};
        token_.kind = Token::Kind::symbol;
        const std::string_view pair = text_.substr(at_, 2);
        token_.text =
            std::find(pairs.begin(), pairs.end(), pair) != pairs.end() ? std::string(pair) : std::string(1, text_[at_]);
        static constexpr std::string_view singles = "+-*/%<>()[],.";
        if (token_.text.size() == 1 && singles.find(token_.text[0]) == std::string_view::npos) {
            unexpected(token_.text == "=" ? "'==' to compare" : "a number, a name, a 'word' or an operator");
        }
        at_ += token_.text.size();
    }

    bool is_symbol(std::string_view symbol) const {
        return token_.kind == Token::Kind::symbol && token_.text == symbol;
    }
    bool is_keyword(std::string_view word) const { return token_.kind == Token::Kind::name && token_.text == word; }

    void expect(std::string_view symbol) {
        if (!is_symbol(symbol)) {
            unexpected('\'' + std::string(symbol) + '\'');
        }
        advance();
    }

    std::uint32_t add(ExpressionNode node) {
        if (result_.nodes.size() >= maximum_expression_nodes) {
            throw input::InputError({result_.location,
                                     problem("is too long"),
                                     {},
                                     "at most " + std::to_string(maximum_expression_nodes) + " operations",
                                     {}});
        }
        result_.nodes.push_back(std::move(node));
        return result_.root();
    }

    std::uint32_t add(Operator op, std::vector<std::uint32_t> operands) {
        ExpressionNode node;
        node.op = op;
        node.operands = std::move(operands);
        return add(std::move(node));
    }

    std::uint32_t parse_or() {
        const Level level(*this);
        std::uint32_t left = parse_and();
        while (is_keyword("or")) {
            advance();
            const std::uint32_t right = parse_and();
            left = add(Operator::logical_or, {left, right});
        }
        return left;
    }

    std::uint32_t parse_and() {
        std::uint32_t left = parse_not();
        while (is_keyword("and")) {
            advance();
            const std::uint32_t right = parse_not();
            left = add(Operator::logical_and, {left, right});
        }
        return left;
    }

    std::uint32_t parse_not() {
        if (!is_keyword("not")) {
            return parse_comparison();
        }
        const Level level(*this);
        advance();
        const std::uint32_t operand = parse_not();
        return add(Operator::logical_not, {operand});
    }

    std::uint32_t parse_comparison() {
        static constexpr std::array<std::pair<std::string_view, Operator>, 6> comparisons{{
            {"==", Operator::equal},
            {"!=", Operator::not_equal},
            {"<=", Operator::less_equal},
            {">=", Operator::greater_equal},
            {"<", Operator::less},
            {">", Operator::greater},
        }};
        const std::uint32_t left = parse_sum();
        for (const auto& [symbol, op] : comparisons) {
            if (is_symbol(symbol)) {
                advance();
                const std::uint32_t right = parse_sum();
                return add(op, {left, right});
            }
        }
        if (is_keyword("in")) {
            advance();
            std::vector<std::uint32_t> operands{left};
            expect("(");
            operands.push_back(parse_sum());
            while (is_symbol(",")) {
                advance();
                operands.push_back(parse_sum());
            }
            expect(")");
            return add(Operator::member, std::move(operands));
        }
        return left;
    }

    std::uint32_t parse_sum() {
        std::uint32_t left = parse_product();
        while (is_symbol("+") || is_symbol("-")) {
            const Operator op = is_symbol("+") ? Operator::add : Operator::subtract;
            advance();
            const std::uint32_t right = parse_product();
            left = add(op, {left, right});
        }
        return left;
    }

    std::uint32_t parse_product() {
        std::uint32_t left = parse_unary();
        while (is_symbol("*") || is_symbol("/") || is_symbol("%")) {
            const Operator op = is_symbol("*")   ? Operator::multiply
                                : is_symbol("/") ? Operator::divide
                                                 : Operator::modulo;
            advance();
            const std::uint32_t right = parse_unary();
            left = add(op, {left, right});
        }
        return left;
    }

    std::uint32_t parse_unary() {
        if (!is_symbol("-")) {
            return parse_primary();
        }
        const Level level(*this);
        advance();
        const std::uint32_t operand = parse_unary();
        return add(Operator::negate, {operand});
    }

    std::uint32_t parse_primary() {
        ExpressionNode node;
        switch (token_.kind) {
            case Token::Kind::number:
                node.number = token_.number;
                advance();
                return add(std::move(node));
            case Token::Kind::word:
                node.op = Operator::word;
                node.word = token_.text;
                advance();
                return add(std::move(node));
            case Token::Kind::name:
                return parse_name();
            default:
                break;
        }
        if (!is_symbol("(")) {
            unexpected("a number, a name, a 'word' or '('");
        }
        advance();
        const std::uint32_t inner = parse_or();
        expect(")");
        return inner;
    }

    std::uint32_t parse_name() {
        if (is_keyword("true") || is_keyword("false")) {
            ExpressionNode node;
            node.op = Operator::boolean;
            node.number = is_keyword("true") ? 1 : 0;
            advance();
            return add(std::move(node));
        }
        if (is_keyword("and") || is_keyword("or") || is_keyword("not") || is_keyword("in")) {
            unexpected("a number, a name, a 'word' or '('");
        }
        const bool call = next_is('(');
        if (!call) {
            ExpressionNode node;
            node.op = Operator::reference;
            node.path = parse_path_elements();
            return add(std::move(node));
        }
        return parse_call();
    }

    bool next_is(char symbol) const {
        std::size_t at = at_;
        while (at < text_.size() && std::isspace(static_cast<unsigned char>(text_[at])) != 0) {
            ++at;
        }
        return at < text_.size() && text_[at] == symbol;
    }

    std::uint32_t parse_call() {
        const auto* const function =
            std::find_if(functions.begin(), functions.end(), [&](const Function& f) { return f.name == token_.text; });
        if (function == functions.end()) {
            std::vector<std::string_view> names;
            names.reserve(functions.size());
            for (const Function& known : functions) {
                names.push_back(known.name);
            }
            throw input::InputError({result_.location, problem("calls an unknown function"), '\'' + token_.text + '\'',
                                     input::list_names(names), std::string(input::nearest_name(token_.text, names))});
        }
        advance();
        expect("(");
        ExpressionNode node;
        node.op = function->op;
        std::size_t count = 0;
        if (takes_path(function->op)) {
            node.path = parse_path_elements();
            count = 1;
        } else if (!is_symbol(")")) {
            node.operands.push_back(parse_or());
            while (is_symbol(",")) {
                advance();
                node.operands.push_back(parse_or());
            }
            count = node.operands.size();
        }
        expect(")");
        if (count < function->least || count > function->most) {
            const std::string least = std::to_string(function->least);
            throw input::InputError(
                {result_.location,
                 problem("gives " + std::string(function->name) + " the wrong number of arguments"),
                 std::to_string(count),
                 function->least == function->most ? least : least + " to " + std::to_string(function->most),
                 {}});
        }
        return add(std::move(node));
    }

    std::vector<PathElement> parse_path_elements() {
        std::vector<PathElement> path;
        for (;;) {
            if (token_.kind != Token::Kind::name) {
                unexpected("a name");
            }
            PathElement element;
            element.name = token_.text;
            advance();
            if (is_symbol("[")) {
                const Level level(*this);
                advance();
                element.index = parse_or();
                expect("]");
            }
            path.push_back(std::move(element));
            if (!is_symbol(".")) {
                return path;
            }
            advance();
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    Token token_;
    Expression result_;
};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) {
        text.remove_prefix(1);
    }
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
        text.remove_suffix(1);
    }
    return text;
}

}  // namespace

bool is_marked_expression(std::string_view text) {
    text = trimmed(text);
    return text.size() >= 3 && text.starts_with("${") && text.ends_with("}");
}

Expression parse_expression(std::string_view text, const input::SourceLocation& location) {
    if (is_marked_expression(text)) {
        text = trimmed(text);
        text = text.substr(2, text.size() - 3);
    }
    return Parser(trimmed(text), location).expression();
}

Expression parse_path(std::string_view text, const input::SourceLocation& location) {
    if (is_marked_expression(text)) {
        text = trimmed(text);
        text = text.substr(2, text.size() - 3);
    }
    return Parser(trimmed(text), location).path();
}

std::string path_text(const std::vector<PathElement>& path) {
    std::string text;
    for (const PathElement& element : path) {
        text += text.empty() ? "" : ".";
        text += element.name;
        text += element.index == PathElement::no_index ? "" : "[...]";
    }
    return text;
}

bool is_reserved_name(std::string_view name) {
    static constexpr std::array<std::string_view, 13> reserved{"and",   "or",          "not",   "in",     "true",
                                                               "false", "index",       "count", "params", "macs",
                                                               "relus", "comparisons", "layers"};
    return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && is_name_start(text.front()) &&
           std::all_of(text.begin(), text.end(), is_name_part);
}

}  // namespace sotto::search::language
