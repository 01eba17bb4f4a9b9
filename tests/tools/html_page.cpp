// SPDX-License-Identifier: Apache-2.0
#include "tests/tools/html_page.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace sotto::tests {
namespace {

// Empty elements that HTML knows: void ones, and in pictures any.
constexpr std::array<std::string_view, 7> may_be_empty = {"meta", "br", "path", "rect", "circle", "line", "g"};

class Reader {
  public:
    explicit Reader(const std::string& text) : text_(text) {}

    HtmlElement document() {
        expect("<!DOCTYPE html>\n");
        HtmlElement root = element();
        while (at_ < text_.size()) {
            if (text_[at_++] != '\n') {
                fail("something behind the end");
            }
        }
        return root;
    }

  private:
    [[noreturn]] void fail(const std::string& what) const {
        throw std::runtime_error(what + " at byte " + std::to_string(at_) + ": " + text_.substr(at_, 60));
    }

    bool is_next(std::string_view part) const { return text_.compare(at_, part.size(), part) == 0; }

    void expect(std::string_view part) {
        if (!is_next(part)) {
            fail("expected " + std::string(part));
        }
        at_ += part.size();
    }

    std::string word() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '-')) {
            ++at_;
        }
        if (at_ == begin) {
            fail("expected a name");
        }
        return text_.substr(begin, at_ - begin);
    }

    // Up to one of `ends`, entities resolved.
    std::string characters(std::string_view ends) {
        constexpr std::array<std::pair<std::string_view, char>, 5> entities = {
            {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&#39;", '\''}}};
        std::string result;
        while (at_ < text_.size() && ends.find(text_[at_]) == std::string_view::npos) {
            if (text_[at_] != '&') {
                result += text_[at_++];
                continue;
            }
            const auto entity =
                std::find_if(entities.begin(), entities.end(), [&](const auto& known) { return is_next(known.first); });
            if (entity == entities.end()) {
                fail("an ampersand that is none of the entities");
            }
            result += entity->second;
            at_ += entity->first.size();
        }
        return result;
    }

    HtmlElement element() {
        HtmlElement result;
        expect("<");
        result.name = word();
        while (is_next(" ")) {
            ++at_;
            const std::string key = word();
            expect("=\"");
            if (!result.attributes.emplace(key, characters("\"<")).second) {
                fail("an attribute stands twice");
            }
            expect("\"");
        }
        if (is_next("/>")) {
            at_ += 2;
            if (std::find(may_be_empty.begin(), may_be_empty.end(), result.name) == may_be_empty.end()) {
                fail("an empty element that HTML would leave open");
            }
            return result;
        }
        expect(">");
        const bool is_raw = result.name == "style" || result.name == "script";
        for (;;) {
            result.text += characters("<");
            if (is_next("</")) {
                break;
            }
            if (is_raw) {
                fail("markup in a style or script");
            }
            result.children.push_back(element());
            result.text += result.children.back().text;
        }
        expect("</" + result.name + '>');
        return result;
    }

    const std::string& text_;
    std::size_t at_ = 0;
};

}  // namespace

const std::string& HtmlElement::attribute(const std::string& key) const {
    static const std::string none;
    const auto found = attributes.find(key);
    return found == attributes.end() ? none : found->second;
}

bool HtmlElement::has_class(std::string_view css_class) const {
    std::istringstream words(attribute("class"));
    for (std::string word; words >> word;) {
        if (word == css_class) {
            return true;
        }
    }
    return false;
}

std::vector<const HtmlElement*> HtmlElement::all(const std::function<bool(const HtmlElement&)>& accepts) const {
    std::vector<const HtmlElement*> found;
    for (const HtmlElement& child : children) {
        if (accepts(child)) {
            found.push_back(&child);
        }
        const auto within = child.all(accepts);
        found.insert(found.end(), within.begin(), within.end());
    }
    return found;
}

std::vector<const HtmlElement*> HtmlElement::all(std::string_view element_name) const {
    return all([&](const HtmlElement& element) { return element.name == element_name; });
}

std::vector<const HtmlElement*> HtmlElement::with_class(std::string_view element_name,
                                                        std::string_view css_class) const {
    return all(
        [&](const HtmlElement& element) { return element.name == element_name && element.has_class(css_class); });
}

double number_at(const HtmlElement& element, const std::string& attribute) {
    return std::stod(element.attribute(attribute));
}

HtmlElement read_html(const std::string& text) {
    return Reader(text).document();
}

}  // namespace sotto::tests
