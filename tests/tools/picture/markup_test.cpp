// SPDX-License-Identifier: Apache-2.0
#include "tools/picture/markup.hpp"

#include "tests/support/catch.hpp"

using namespace sotto::picture;

TEST_CASE("texts and values of attributes cannot leave their place") {
    Markup markup;
    {
        const auto link = markup.open("a", {{"href", "\"><script>'&"}});
        markup.text("</a><b>&amp;");
        markup.add("i", {{"class", "x"}}, "<");
        markup.add_empty("br", {});
    }
    CHECK(markup.take() ==
          "<a href=\"&quot;&gt;&lt;script&gt;&#39;&amp;\">&lt;/a&gt;&lt;b&gt;&amp;amp;<i "
          "class=\"x\">&lt;</i><br/></a>\n");
}

TEST_CASE("bytes that are no text become the replacement character") {
    CHECK(escaped("a\xff"
                  "b") ==
          "a\uFFFD"
          "b");
    CHECK(escaped(std::string_view("\0\x1b[2J", 5)) == "\uFFFD\uFFFD[2J");
    CHECK(escaped("\u00e9\u2026\U0001F600\n\t") == "\u00e9\u2026\U0001F600\n\t");
    CHECK(escaped("\xe2\x80") == "\uFFFD\uFFFD");
}

TEST_CASE("a long text is cut between characters") {
    CHECK(shortened("abc", 3) == "abc");
    CHECK(shortened("abcd", 3) == "abc\u2026");
    CHECK(shortened("ab\u00e9d", 3) == "ab\u2026");
    CHECK(shortened("\u00e9", 1) == "\u2026");
}
