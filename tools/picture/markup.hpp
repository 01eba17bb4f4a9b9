// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace sotto::picture {

/// As text and as the value of an attribute, in HTML and in SVG. What is not well-formed UTF-8 or a control character
/// becomes U+FFFD.
std::string escaped(std::string_view text);

/// At most `most_bytes` of a text, cut between characters and marked with an ellipsis where it was longer.
std::string shortened(std::string_view text, std::size_t most_bytes);

struct Attribute {
    std::string_view name;
    std::string value;
};
using Attributes = std::initializer_list<Attribute>;

/// HTML or SVG, written element by element: every element that is opened is closed, texts and values of attributes are
/// escaped. Elements without content are written as XML has it, `<br/>`, so that a page is well-formed XML too.
class Markup {
  public:
    /// Closes its element when it goes out of scope.
    class [[nodiscard]] Element {
      public:
        Element(Markup& markup, std::string_view name) : markup_(markup), name_(name) {}
        ~Element();
        Element(const Element&) = delete;
        Element& operator=(const Element&) = delete;

      private:
        Markup& markup_;
        std::string_view name_;
    };

    /// Names must outlive the element: literals. A line ends behind the end tag.
    Element open(std::string_view name, Attributes attributes = {});
    /// An element of text alone.
    void add(std::string_view name, Attributes attributes, std::string_view text);
    /// An element without content.
    void add_empty(std::string_view name, Attributes attributes);
    void text(std::string_view text);
    /// What is markup already, or a style or script that holds no `<` and no `&`.
    void raw(std::string_view markup);

    std::size_t size() const noexcept { return text_.size(); }
    std::string take() { return std::move(text_); }

  private:
    void begin(std::string_view name, Attributes attributes);

    std::string text_;
};

}  // namespace sotto::picture
