// SPDX-License-Identifier: Apache-2.0
#include "tests/plugins/sdk/header_text.hpp"

#include <fstream>
#include <iterator>
#include <regex>

namespace sotto::tests {
namespace {

std::string text_of(const std::string& path) {
    std::ifstream stream(path);
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::string without_comments(const std::string& text) {
    std::string result;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t begin = text.find("/*", at);
        result += text.substr(at, begin - at);
        if (begin == std::string::npos) {
            break;
        }
        at = text.find("*/", begin) + 2;
    }
    return result;
}

std::string squeezed(const std::string& text) {
    std::string result = std::regex_replace(text, std::regex(R"(\s+)"), " ");
    result = std::regex_replace(result, std::regex(R"(^ | $)"), "");
    return result;
}

// Text between `{` at `open` and its `}`.
std::string body_at(const std::string& text, std::size_t open) {
    int depth = 0;
    for (std::size_t i = open; i < text.size(); ++i) {
        depth += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
        if (depth == 0) {
            return text.substr(open + 1, i - open - 1);
        }
    }
    return {};
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    for (std::size_t end = text.find(separator); end != std::string::npos; end = text.find(separator, begin)) {
        parts.push_back(squeezed(text.substr(begin, end - begin)));
        begin = end + 1;
    }
    parts.push_back(squeezed(text.substr(begin)));
    std::erase(parts, std::string());
    return parts;
}

}  // namespace

HeaderText read_header(const std::string& path) {
    const std::string text = without_comments(text_of(path));
    HeaderText header;
    const auto each = [&](const char* pattern, const auto& take) {
        const std::regex expression(pattern);
        for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match) {
            take(*match);
        }
    };
    each(R"(typedef struct (\w+) \{)", [&](const std::smatch& match) {
        const auto open = static_cast<std::size_t>(match.position() + match.length() - 1);
        header.structs[match[1]] = split(body_at(text, open), ';');
    });
    each(R"(enum \{)", [&](const std::smatch& match) {
        const auto open = static_cast<std::size_t>(match.position() + match.length() - 1);
        for (const std::string& enumerator : split(body_at(text, open), ',')) {
            const std::size_t equals = enumerator.find(" = ");
            header.constants[enumerator.substr(0, equals)] =
                equals == std::string::npos ? "no value" : enumerator.substr(equals + 3);
        }
    });
    each(R"(#define (\w+)([^\n]*))",
         [&](const std::smatch& match) { header.others["#define " + match[1].str()] = squeezed(match[2]); });
    each(R"(typedef [^;{]*;)",
         [&](const std::smatch& match) { header.others[squeezed(match[0])] = squeezed(match[0]); });
    return header;
}

}  // namespace sotto::tests
