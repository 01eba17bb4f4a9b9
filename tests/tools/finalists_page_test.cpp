// SPDX-License-Identifier: Apache-2.0
// The finalists of report.html, as table and pictures, against finalists.csv and pareto.csv.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/tools/html_page.hpp"
#include "tests/tools/nas_run.hpp"
#include "tests/tools/stage_runs.hpp"

using namespace sotto::tests;

namespace {

const std::string two_stages =
    "stages:\n  - {id: probe, candidates: 6, by: accuracy.probe, weight: 1}\n"
    "  - {id: probe, candidates: 3, by: accuracy.probe, weight: 2}\n";

// The page of the tests' small run with these stages.
HtmlElement page_of(const TemporaryFolder& folder, const std::string& stages) {
    REQUIRE(start(write_run(folder, stages), folder / "run").exit_code == 0);
    return read_html(read_text(folder / "run/report.html"));
}

// The elements, pictures among them, that are described to those who do not see them as this.
std::vector<const HtmlElement*> labelled(const HtmlElement& page, const std::string& label) {
    return page.all([&](const HtmlElement& element) { return element.attribute("aria-label") == label; });
}

}  // namespace

TEST_CASE("report.html has the finalists in their order") {
    const TemporaryFolder folder;
    const HtmlElement page = page_of(folder, two_stages);
    const auto finalists = table_of(folder / "run/finalists.csv");
    std::vector<std::vector<const HtmlElement*>> rows;
    for (const HtmlElement* table : page.with_class("table", "sortable")) {
        if (table->all("th")[1]->text == "rank") {
            for (const HtmlElement* row : table->all("tbody")[0]->all("tr")) {
                rows.push_back(row->all("td"));
            }
        }
    }
    REQUIRE(rows.size() == finalists.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CAPTURE(i);
        CHECK(rows[i][1]->text == (i == 0 ? "baseline" : finalists[i].at("rank")));
        CHECK(rows[i][2]->text == finalists[i].at("id"));
        CHECK(rows[i][3]->text == finalists[i].at("stage"));
        const auto links = rows[i][0]->all("a");
        const std::string& best = finalists[i].at("best");
        CHECK((links.empty() ? std::string() : links[0]->attribute("href")) == (best.empty() ? best : best + '/'));
    }
}

TEST_CASE("the pictures of the finalists show where their scores went and what they cost") {
    const TemporaryFolder folder;
    const HtmlElement page = page_of(folder, two_stages);
    const auto finalists = table_of(folder / "run/finalists.csv");
    const auto front = table_of(folder / "run/pareto.csv");
    REQUIRE(labelled(page, "scores of the finalists by stage").size() == 1);
    REQUIRE(labelled(page, "scores of the finalists beside their latency").size() == 1);
    const HtmlElement& course = *labelled(page, "scores of the finalists by stage").front();
    const HtmlElement& costs = *labelled(page, "scores of the finalists beside their latency").front();
    // The circle of each finalist but the baseline, and its row of the table.
    struct Shown {
        Row row;
        const HtmlElement* circle = nullptr;
        double score = 0;
    };
    const auto shown_in = [&](const HtmlElement& where) {
        std::vector<Shown> all;
        for (const HtmlElement* link : where.all("a")) {
            REQUIRE(link->all("circle").size() == 1);
            const HtmlElement* circle = link->all("circle").front();
            const Row& member = front.at(std::stoul(circle->attribute("data-member")) - 1);
            const auto found =
                std::ranges::find_if(finalists, [&](const Row& row) { return row.at("id") == member.at("id"); });
            REQUIRE(found != finalists.end());
            CHECK(circle->has_class(found->at("stage") == "2" ? "member" : "dropped"));
            CHECK(contains(circle->text, "rank " + found->at("rank") + ", candidate " + found->at("id") + '\n'));
            CHECK(link->attribute("href") == found->at("best") + '/');
            all.push_back({*found, circle, number(*found, "stage" + found->at("stage") + ".accuracy.probe")});
        }
        CHECK(all.size() == finalists.size() - 1);
        CHECK(where.all("circle").size() == all.size());
        return all;
    };
    // Linear axes: two points fix each.
    const auto check_line = [](const std::vector<Shown>& all, const std::string& attribute, auto value) {
        const auto [low, high] = std::ranges::minmax_element(all, {}, value);
        REQUIRE(value(*high) > value(*low));
        const double first = number_at(*low->circle, attribute);
        const double length = number_at(*high->circle, attribute) - first;
        CHECK((attribute == "cx" ? length : -length) > 50);
        for (const Shown& shown : all) {
            const double part = (value(shown) - value(*low)) / (value(*high) - value(*low));
            CHECK(number_at(*shown.circle, attribute) == Approx(first + part * length).margin(0.15));
        }
    };
    const auto beside_latency = shown_in(costs);
    check_line(beside_latency, "cx", [](const Shown& shown) { return number(shown.row, "latency.total_ms"); });
    check_line(beside_latency, "cy", [](const Shown& shown) { return shown.score; });

    const auto by_stage = shown_in(course);
    check_line(by_stage, "cy", [](const Shown& shown) { return shown.score; });
    std::map<std::string, std::string> places;  // of the stages' labels
    for (const HtmlElement* text : course.all("text")) {
        if (text->attribute("text-anchor") == "middle") {
            places.emplace(text->text, text->attribute("x"));
        }
    }
    for (const Shown& shown : by_stage) {
        CHECK(shown.circle->attribute("cx") == places.at(shown.row.at("stage")));
    }
    // A line for each that has two scores.
    CHECK(course.with_class("path", "curve").size() == 3);
    CHECK(course.with_class("path", "dropped").empty());
    CHECK(course.with_class("path", "baseline").size() == 2);
    CHECK(costs.with_class("path", "baseline").size() == 1);
}

TEST_CASE("stages that rank by different metrics have no common course") {
    const TemporaryFolder folder;
    const HtmlElement page = page_of(folder,
                                     "stages:\n  - {id: probe, candidates: 6, by: accuracy.probe}\n"
                                     "  - {id: resumable, candidates: 3, by: accuracy.steps, stop_after: 2}\n");
    CHECK(labelled(page, "scores of the finalists by stage").empty());
    const auto costs = labelled(page, "scores of the finalists beside their latency");
    REQUIRE(costs.size() == 1);
    // Those that the second stage scored: no axis holds scores of both.
    CHECK(costs[0]->all("circle").size() == 3);
}
