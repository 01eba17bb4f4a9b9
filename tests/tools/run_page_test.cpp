// SPDX-License-Identifier: Apache-2.0
// report.html against pareto.csv, run.db and what the program prints. The page is taken apart by the tests' own reader.
#include <signal.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "engine/run/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/html_page.hpp"
#include "tests/tools/nas_run.hpp"
#include "tests/tools/stored_run.hpp"

using namespace sotto::tests;
using nlohmann::json;

namespace {

const std::string both_objectives =
    "  - {metric: latency.total_ms, goal: minimize}\n  - {metric: accuracy.probe, goal: maximize}\n";

std::string replaced(std::string text, const std::string& part, const std::string& other) {
    const std::size_t at = text.find(part);
    REQUIRE(at != std::string::npos);
    return text.replace(at, part.size(), other);
}

HtmlElement page_of(const std::string& directory) {
    return read_html(read_text(directory + "/report.html"));
}

// The run of a configuration as text, its result as JSON.
json run_text(const TemporaryFolder& folder, const std::string& name, const std::string& text,
              std::vector<std::string> more = {}) {
    write_text(folder / (name + ".yaml"), text);
    more.insert(more.begin(), {folder / (name + ".yaml"), "--plugin", probe_library, "--out", folder / name, "--json"});
    const Outcome outcome = nas_run(more);
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    return json::parse(outcome.output);
}

sotto::run::Store store_of(const std::string& directory) {
    return sotto::run::Store::open(directory + "/run.db", sotto::run::Store::Access::read_only);
}

std::map<std::string, std::string> facts_of(const HtmlElement& page) {
    std::map<std::string, std::string> facts;
    const auto names = page.all("dt");
    const auto values = page.all("dd");
    REQUIRE(names.size() == values.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        facts[names[i]->text] = values[i]->text;
    }
    return facts;
}

const HtmlElement& member_table(const HtmlElement& page) {
    const auto tables = page.all([](const HtmlElement& element) { return element.attribute("id") == "members"; });
    REQUIRE(tables.size() == 1);
    return *tables[0];
}

std::vector<std::vector<std::string>> csv_rows(const std::string& file) {
    std::vector<std::vector<std::string>> rows;
    for (const std::string& line : lines_of(read_text(file))) {
        rows.push_back(fields_of(line));
    }
    return rows;
}

std::string without_commas(std::string text) {
    text.erase(std::remove(text.begin(), text.end(), ','), text.end());
    return text;
}

// The title of pareto.csv's column under which a column of the table stands.
std::string csv_title(const std::string& title) {
    const std::size_t seconds = title.find(" [s]");
    return seconds == std::string::npos ? title : title.substr(0, seconds) + "_ms";
}

}  // namespace

TEST_CASE("the table of report.html is pareto.csv and its links lead to directories") {
    const TemporaryFolder folder;
    const std::string directory = folder / "run";
    REQUIRE(run_tiny(directory, {"--best", "9"}).exit_code == 0);
    const HtmlElement page = page_of(directory);
    const HtmlElement& table = member_table(page);
    const auto heads = table.all("th");
    const auto csv = csv_rows(directory + "/pareto.csv");
    const auto baseline = csv_rows(directory + "/baseline.csv");
    REQUIRE(csv.size() > 12);
    const auto bodies = table.all("tbody");
    REQUIRE(bodies.size() == 2);
    const auto rows = bodies[1]->all("tr");
    REQUIRE(rows.size() == csv.size() - 1);
    CHECK(page.all("h1")[0]->text == "tiny: " + std::to_string(rows.size()) + " networks on the front");

    std::set<std::string> titles;
    const auto check_row = [&](const std::vector<const HtmlElement*>& cells, const std::vector<std::string>& fields) {
        REQUIRE(cells.size() == heads.size());
        for (std::size_t k = 2; k < heads.size(); ++k) {
            const std::string& title = heads[k]->text;
            CAPTURE(title);
            titles.insert(title);
            const std::string shown = without_commas(cells[k]->text);
            if (title == "speed-up") {
                const double expected = std::stod(baseline[1][1]) / std::stod(fields[1]);
                CHECK(std::stod(shown) == Approx(expected).margin(0.00501));
                CHECK(std::stod(cells[k]->attribute("data-value")) == Approx(expected).epsilon(1e-12));
                continue;
            }
            const auto column = std::find(csv[0].begin(), csv[0].end(), csv_title(title));
            REQUIRE(column != csv[0].end());
            const std::string& stored = fields[static_cast<std::size_t>(column - csv[0].begin())];
            CHECK(cells[k]->attribute("data-value") == stored);
            const double unit = csv_title(title) == title ? 1 : 1000;
            CHECK(std::stod(shown) * unit == Approx(std::stod(stored)).epsilon(0.0005));
        }
    };
    check_row(bodies[0]->all("td"), baseline[1]);
    std::size_t links = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CAPTURE(i);
        const std::vector<std::string>& fields = csv[i + 1];
        const auto cells = rows[i]->all("td");
        check_row(cells, fields);
        const std::string number = (i + 1 < 10 ? "0" : "") + std::to_string(i + 1);
        CHECK(cells[0]->text == number);
        CHECK(cells[1]->text == fields[0]);
        const bool has_directory = std::filesystem::exists(std::filesystem::path(directory) / "best" / number);
        const auto anchors = cells[0]->all("a");
        REQUIRE(anchors.empty() != has_directory);
        REQUIRE(anchors.size() < 2);
        if (has_directory) {
            ++links;
            CHECK(anchors[0]->attribute("href") == "best/" + number + '/');
        }
    }
    CHECK(links == 9);
    // Every column but the genome, and the speed-up.
    CHECK(titles.size() == csv[0].size() - 2 + 1);
    CHECK(heads[2]->text == "latency.total [s]");
    CHECK(heads[3]->text == "accuracy.probe");
}

TEST_CASE("report.html says what the run was") {
    const TemporaryFolder folder;
    const std::string directory = folder / "run";
    const Outcome outcome = run_tiny(directory, {"--strategy", "guided", "--json"});
    REQUIRE(outcome.exit_code == 0);
    const json result = json::parse(outcome.output);
    const std::string text = read_text(directory + "/report.html");
    const HtmlElement page = read_html(text);
    auto facts = facts_of(page);
    CHECK(facts["State"] == "finished");
    CHECK(contains(page.with_class("p", "circumstances").at(0)->text, "Configuration: tiny_run. The search took "));
    CHECK(facts["Search space"] == "tiny");
    CHECK(facts["Strategy"] == "guided, population 12, seed 7");
    CHECK(facts["Objectives"] == "minimize latency.total_ms, maximize accuracy.probe");
    CHECK(contains(facts["Cost model"], "analytical (engine opencheetah-2022, setting lan"));
    CHECK(contains(facts["Candidates"],
                   "120 evaluated, " + std::to_string(result.at("distinct").get<int>()) + " different networks"));
    CHECK(std::stod(facts["Hypervolume"]) == Approx(result.at("hypervolume").get<double>()).epsilon(1e-5));
    CHECK(contains(outcome.errors, "nas-run"));
    CHECK(facts["Sotto"] == nas_run({"--version"}).output.substr(8, facts["Sotto"].size()));

    // The operators, against the database.
    const auto store = store_of(directory);
    const auto operators = store.operators(store.generations().back().generation);
    REQUIRE(!operators.empty());
    std::map<std::string, std::vector<std::string>> shown;
    for (const HtmlElement* row : page.all("tr")) {
        std::vector<std::string> fields;
        for (const HtmlElement* cell : row->all("td")) {
            fields.push_back(cell->text);
        }
        if (fields.size() == 6) {
            shown[fields[0]] = fields;
        }
    }
    for (const sotto::run::StoredOperator& credit : operators) {
        CAPTURE(credit.name);
        REQUIRE(shown.contains(credit.name));
        CHECK(shown[credit.name][1] == std::to_string(credit.children));
        CHECK(shown[credit.name][2] == std::to_string(credit.successes));
        CHECK(std::stod(shown[credit.name][4]) == Approx(credit.probability).margin(0.000501));
    }

    // It needs nothing else, and holds the configuration that gives the run again.
    for (const char* part : {"http:", "https:", "src=", "url(", "@import", "<link"}) {
        CHECK_FALSE(contains(text, part));
    }
    const auto details = page.all("pre");
    REQUIRE(details.size() == 1);
    write_text(folder / "again.yaml", details[0]->text);
    REQUIRE(nas_run({folder / "again.yaml", "--plugin", probe_library, "--out", folder / "again"}).exit_code == 0);
    CHECK(read_text(folder / "again/pareto.csv") == read_text(directory + "/pareto.csv"));
    CHECK_FALSE(std::filesystem::exists(directory + "/report.html.partial"));
}

TEST_CASE("report.html is the same for any number of threads but for one line") {
    const TemporaryFolder folder;
    REQUIRE(run_tiny(folder / "one", {"--threads", "1"}).exit_code == 0);
    REQUIRE(run_tiny(folder / "three", {"--threads", "3"}).exit_code == 0);
    const std::vector<std::string> one = lines_of(read_text(folder / "one/report.html"));
    const std::vector<std::string> three = lines_of(read_text(folder / "three/report.html"));
    REQUIRE(one.size() == three.size());
    int found = 0;
    for (std::size_t i = 0; i < one.size(); ++i) {
        if (one[i].starts_with("<p class=\"circumstances\">")) {
            ++found;
            CHECK(three[i].starts_with("<p class=\"circumstances\">"));
            const double seconds = store_of(folder / "one").generations().back().seconds;
            CHECK(std::stod(one[i].substr(one[i].find("took ") + 5)) == Approx(seconds).margin(0.0501));
        } else {
            CHECK(one[i] == three[i]);
        }
    }
    CHECK(found == 1);
}

TEST_CASE("the circles of report.html stand where the objectives are") {
    const TemporaryFolder folder;
    run_text(folder, "run", read_text(tiny_run));
    const HtmlElement page = page_of(folder / "run");
    const auto csv = csv_rows(folder / "run/pareto.csv");
    const auto circles = page.with_class("circle", "member");
    const std::size_t members = csv.size() - 1;
    REQUIRE(circles.size() == members);
    // Latencies differ by less than 20 times: both axes are linear, and two points fix each.
    const auto value = [&](std::size_t i, std::size_t column) { return std::stod(csv[i + 1][column]); };
    REQUIRE(value(members - 1, 1) < 20 * value(0, 1));
    for (const auto& [attribute, column] : {std::pair("cx", 1), std::pair("cy", 2)}) {
        const double first = number_at(*circles.front(), attribute);
        const double last = number_at(*circles.back(), attribute);
        CHECK((column == 1 ? last - first : first - last) > 100);
        for (std::size_t i = 0; i < members; ++i) {
            CAPTURE(attribute, i);
            const double part = (value(i, column) - value(0, column)) / (value(members - 1, column) - value(0, column));
            CHECK(number_at(*circles[i], attribute) == Approx(first + part * (last - first)).margin(0.15));
        }
    }
    for (std::size_t i = 0; i < members; ++i) {
        CHECK(contains(circles[i]->text, "candidate " + csv[i + 1][0] + '\n'));
    }
    // The baseline's row and the cross.
    CHECK(page.with_class("path", "baseline").size() == 1);
}

TEST_CASE("one objective gives the best over the evaluations") {
    const TemporaryFolder folder;
    run_text(folder, "run",
             replaced(read_text(tiny_run), both_objectives, "  - {metric: latency.total_ms, goal: minimize}\n"));
    const HtmlElement page = page_of(folder / "run");
    CHECK(page.with_class("rect", "frame").size() == 1);
    const auto curves = page.with_class("path", "curve");
    REQUIRE(curves.size() == 1);
    const std::string& path = curves[0]->attribute("d");
    const double end = std::stod(path.substr(path.rfind('V') + 1));
    // What the height means, from two labels: each stands 4 below its line.
    std::map<double, double> labels;
    for (const HtmlElement* text : page.with_class("text", "label")) {
        if (text->attribute("text-anchor") == "end" && text->text != "baseline") {
            labels[std::stod(text->text)] = number_at(*text, "y") - 4;
        }
    }
    REQUIRE(labels.size() >= 3);
    const auto [low, low_y] = *labels.begin();
    const auto [high, high_y] = *labels.rbegin();
    const double best_s = low + (end - low_y) / (high_y - low_y) * (high - low);
    const double per_pixel = std::abs((high - low) / (high_y - low_y));
    CHECK(best_s == Approx(std::stod(csv_rows(folder / "run/pareto.csv")[1][1]) / 1000).margin(0.2 * per_pixel));
    CHECK(member_table(page).all("tr").size() == 3);  // heads, baseline, the best
}

TEST_CASE("three and four objectives give a panel for each pair") {
    const TemporaryFolder folder;
    const std::string more[] = {"  - {metric: relus, goal: maximize}\n", "  - {metric: params}\n"};
    const std::string three = both_objectives + more[0];
    run_text(folder, "three", replaced(read_text(tiny_run), both_objectives, three));
    const HtmlElement page = page_of(folder / "three");
    const std::size_t members = csv_rows(folder / "three/pareto.csv").size() - 1;
    CHECK(page.with_class("rect", "frame").size() == 3 + 2);
    CHECK(page.with_class("circle", "member").size() == 3 * members);

    run_text(folder, "four", replaced(read_text(tiny_run), both_objectives, three + more[1]), {"--evaluations", "500"});
    const HtmlElement crowded = page_of(folder / "four");
    const auto csv = csv_rows(folder / "four/pareto.csv");
    REQUIRE(csv.size() > 202);  // more than are shown one by one
    CHECK(crowded.with_class("rect", "frame").size() == 6 + 2);
    CHECK(crowded.with_class("circle", "member").size() == 1200);  // of each of six pairs
    const HtmlElement& table = member_table(crowded);
    const auto rows = table.all("tbody").back()->all("tr");
    CHECK(rows.size() == 200);
    std::size_t links = 0;
    for (const HtmlElement* row : rows) {
        const auto cells = row->all("td");
        CHECK(csv[std::stoul(cells[0]->text)][0] == cells[1]->text);
        links += cells[0]->all("a").size();
    }
    CHECK(links == 100);
    CHECK(contains(crowded.text, "200 of " + std::to_string(csv.size() - 1) + ", spread evenly over the front"));
    CHECK(std::filesystem::file_size(folder / "four/report.html") < 1'000'000);
}

TEST_CASE("names from files cannot leave their place in report.html") {
    const TemporaryFolder folder;
    const std::string hostile = "</title><script>alert(1)</script>&amp;\"'<!--";
    const std::string name = "<b onclick=x>\"&";
    run_text(folder, name,
             replaced(read_text(tiny_run), "name: tiny", "name: '</title><script>alert(1)</script>&amp;\"''<!--'"));
    const HtmlElement page = page_of(folder / name);
    CHECK(page.all("script").size() == 1);
    CHECK(page.all("b").empty());
    CHECK(contains(page.all("h1")[0]->text, hostile + ": "));
    auto facts = facts_of(page);
    CHECK(facts["Search space"] == hostile);
    CHECK(contains(page.with_class("p", "circumstances").at(0)->text, "Configuration: " + name + ". "));
}

TEST_CASE("report.html counts what has no score") {
    const TemporaryFolder folder;
    const std::string text = replaced(read_text(tiny_run), "- id: probe", "- {id: probe, fault: throw, every: 7}");
    const json result =
        run_text(folder, "run", text + "on_error: skip\nconstraints:\n  params: {max: 20000}\n", {"--seed", "5"});
    std::map<std::string, std::uint64_t> expected;
    store_of(folder / "run").for_each_evaluation([&](const sotto::evaluate::Evaluation& evaluation) {
        ++expected[std::string(to_text(evaluation.status))];
    });
    REQUIRE(expected["failed"] > 1);
    REQUIRE(expected["constrained"] > 1);
    const HtmlElement page = page_of(folder / "run");
    std::map<std::string, std::uint64_t> shown;
    for (const HtmlElement* row : page.all("tr")) {
        const auto cells = row->all("td");
        if (cells.size() != 4) {
            continue;
        }
        shown[cells[1]->text] += std::stoul(cells[0]->text);
        CHECK(contains(cells[2]->text,
                       cells[1]->text == "failed" ? "the probe threw as asked" : " is over the limit 20,000"));
        CHECK(cells[3]->text.size() == 32);
    }
    CHECK(shown.size() == 2);
    CHECK(shown["failed"] == expected["failed"]);
    CHECK(shown["constrained"] == expected["constrained"]);
    CHECK(contains(facts_of(page)["Candidates"], std::to_string(result.at("failed").get<int>()) + " failed"));

    // Where all have one, nothing is said of it.
    run_text(folder, "sound", read_text(tiny_run));
    CHECK_FALSE(contains(page_of(folder / "sound").text, "Without a score"));
}

TEST_CASE("report.html says why networks have no score in a stage") {
    const TemporaryFolder folder;
    const json result =
        run_text(folder, "run",
                 read_text(tiny_run) +
                     "on_error: skip\nstages:\n"
                     "  - {id: probe, candidates: 20, by: accuracy.probe, fault: unsupported, every: 3}\n"
                     "  - {id: probe, candidates: 12, by: accuracy.probe, fault: throw, every: 4}\n");
    REQUIRE(result.at("unsupported") == 0);
    std::map<std::string, std::uint64_t> expected;
    for (const sotto::run::StoredStageScore& score : store_of(folder / "run").stage_scores()) {
        ++expected[std::string(to_text(score.status))];
    }
    REQUIRE(expected["unsupported"] > 1);
    REQUIRE(expected["failed"] > 0);
    const HtmlElement page = page_of(folder / "run");
    std::map<std::string, std::uint64_t> shown;
    for (const HtmlElement* row : page.all("tr")) {
        const auto cells = row->all("td");
        if (cells.size() == 4) {
            shown[cells[1]->text] += std::stoul(cells[0]->text);
            CHECK(contains(cells[2]->text, cells[1]->text == "failed" ? "the probe threw as asked"
                                                                      : "layer 'x': not supported by the probe"));
        }
    }
    CHECK(shown["unsupported"] == expected["unsupported"]);
    CHECK(shown["failed"] == expected["failed"]);
    CHECK(contains(page.text, "Stage 1 (probe), of 21 networks: "));
    CHECK(contains(page.text, "Stage 2 (probe), of "));
}

TEST_CASE("a run that was stopped has its report.html too and says why") {
    const TemporaryFolder folder;
    const Outcome stopped = run_tiny(folder / "stopped", {"--json"}, {"SOTTO_TEST_SIGNALS=2@50"});
    REQUIRE(stopped.exit_code == 130);
    const std::string evaluated = std::to_string(json::parse(stopped.output).at("evaluations").get<int>());
    CHECK(facts_of(page_of(folder / "stopped"))["State"] ==
          "interrupted after " + evaluated + " of 120 candidates; nas-run --resume goes on");

    const Outcome at_once = run_tiny(folder / "at-once", {}, {"SOTTO_TEST_SIGNALS=2@1"});
    REQUIRE(at_once.exit_code == 130);
    const HtmlElement empty = page_of(folder / "at-once");
    CHECK(contains(facts_of(empty)["State"], "interrupted after "));
    CHECK(contains(empty.text, "No generation was finished."));

    write_text(folder / "fault.yaml",
               replaced(read_text(tiny_run), "- id: probe", "- {id: probe, fault: throw, every: 7}"));
    const Outcome fault =
        nas_run({folder / "fault.yaml", "--plugin", probe_library, "--out", folder / "fault", "--quiet"});
    REQUIRE(fault.exit_code == 1);
    const std::string state = facts_of(page_of(folder / "fault"))["State"];
    CHECK(contains(state, "stopped by a fault after "));
    CHECK(contains(state, "the probe threw as asked"));
}
