// SPDX-License-Identifier: Apache-2.0
#include "tools/picture/markup.hpp"

#include "engine/input/plain_text.hpp"

namespace sotto::picture {

std::string escaped(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const std::size_t bytes = input::plain_character_bytes(text);
        switch (bytes == 0 ? '\0' : text.front()) {
            case '\0':
                result += "\uFFFD";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '&':
                result += "&amp;";
                break;
            case '"':
                result += "&quot;";
                break;
            case '\'':
                result += "&#39;";
                break;
            default:
                result += text.substr(0, bytes);
        }
        text.remove_prefix(bytes == 0 ? 1 : bytes);
    }
    return result;
}

std::string shortened(std::string_view text, std::size_t most_bytes) {
    if (text.size() <= most_bytes) {
        return std::string(text);
    }
    std::size_t end = most_bytes;
    const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U; };
    while (end > 0 && continues(end)) {
        --end;
    }
    return std::string(text.substr(0, end)) + "\u2026";
}

Markup::Element::~Element() {
    markup_.text_ += "</";
    markup_.text_ += name_;
    markup_.text_ += ">\n";
}

void Markup::begin(std::string_view name, Attributes attributes) {
    text_ += '<';
    text_ += name;
    for (const Attribute& attribute : attributes) {
        text_ += ' ';
        text_ += attribute.name;
        text_ += "=\"";
        text_ += escaped(attribute.value);
        text_ += '"';
    }
}

Markup::Element Markup::open(std::string_view name, Attributes attributes) {
    begin(name, attributes);
    text_ += '>';
    return {*this, name};
}

void Markup::add(std::string_view name, Attributes attributes, std::string_view text) {
    begin(name, attributes);
    text_ += '>';
    text_ += escaped(text);
    text_ += "</";
    text_ += name;
    text_ += '>';
}

void Markup::add_empty(std::string_view name, Attributes attributes) {
    begin(name, attributes);
    text_ += "/>";
}

void Markup::text(std::string_view text) {
    text_ += escaped(text);
}

void Markup::raw(std::string_view markup) {
    text_ += markup;
}

}  // namespace sotto::picture
