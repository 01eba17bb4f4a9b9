// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::tests {

/// An element of a page, its texts as a reader sees them.
struct HtmlElement {
    std::string name;
    std::map<std::string, std::string> attributes;
    std::string text;  ///< of it and everything in it
    std::deque<HtmlElement> children;

    const std::string& attribute(const std::string& key) const;  ///< empty where it has none
    bool has_class(std::string_view css_class) const;

    /// Everything in it that `accepts`, in the order of the page.
    std::vector<const HtmlElement*> all(const std::function<bool(const HtmlElement&)>& accepts) const;
    std::vector<const HtmlElement*> all(std::string_view element_name) const;
    std::vector<const HtmlElement*> with_class(std::string_view element_name, std::string_view css_class) const;
};

/// The value of an attribute that is a number.
double number_at(const HtmlElement& element, const std::string& attribute);

/// Takes a page apart that is well-formed as XML is, and HTML too: every element is closed in its place, no attribute
/// stands twice, values are quoted, only void elements and those of pictures are empty, and nothing but text stands in
/// `style` and `script`. Throws std::runtime_error with the place where it is not.
HtmlElement read_html(const std::string& text);

}  // namespace sotto::tests
