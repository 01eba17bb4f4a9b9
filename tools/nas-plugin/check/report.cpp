// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-plugin/check/report.hpp"

#include <algorithm>
#include <cstdio>

#include <nlohmann/json.hpp>

namespace sotto::check {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array outcomes = {Outcome::success, Outcome::failed, Outcome::crashed, Outcome::skipped,
                                 Outcome::warning};

std::ptrdiff_t count_of(const std::vector<Result>& results, Outcome outcome) {
    return std::ranges::count(results, outcome, &Result::outcome);
}

std::string dump(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

const char* kind_text(const Result& result) {
    return result.kind == plugin::Kind::cost_model ? "cost-model" : "accuracy-proxy";
}

std::string shortened(const std::string& text) {
    constexpr std::size_t longest = 1000;
    return text.size() <= longest ? text : text.substr(0, longest) + " ... (--json gives the whole text)";
}

}  // namespace

std::string Table::next(const Result& result) {
    if (!obstacle_.empty() && result.outcome == Outcome::skipped) {
        ++skipped_;
        return {};
    }
    if (tells_plugins(*result.check) && !is_good({result})) {
        obstacle_ = result.text;
    }
    return line_of(result);
}

std::string Table::end() const {
    return skipped_ == 0 ? std::string()
                         : std::to_string(skipped_) +
                               " checks skipped, as the library cannot be used: " + shortened(obstacle_) + '\n';
}

std::string line_of(const Result& result) {
    char head[160];
    std::snprintf(head, sizeof head, "%-8s  %-18s  %-30s", std::string(to_text(result.outcome)).c_str(),
                  result.plugin.empty() ? "(library)" : result.plugin.c_str(), std::string(result.check->name).c_str());
    std::string line = head;
    if (!result.text.empty()) {
        line += "  " + shortened(result.text);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    if (result.outcome == Outcome::failed || result.outcome == Outcome::crashed) {
        line += "\n          expected: " + std::string(result.check->description);
    }
    return line + '\n';
}

std::string summary_of(const std::vector<Result>& results, const Request& request) {
    std::string text;
    for (const Outcome outcome : outcomes) {
        text += (text.empty() ? "" : ", ") + std::to_string(count_of(results, outcome)) + ' ' +
                std::string(to_text(outcome));
    }
    return text + "; seed " + std::to_string(request.context.seed) + '\n';
}

std::string json_of(const std::vector<Result>& results, const Request& request) {
    Json json;
    json["library"] = request.context.library;
    json["seed"] = request.context.seed;
    json["good"] = is_good(results);
    for (const Outcome outcome : outcomes) {
        json["summary"][std::string(to_text(outcome))] = count_of(results, outcome);
    }
    json["checks"] = Json::array();
    for (const Result& result : results) {
        Json one;
        one["name"] = result.check->name;
        one["description"] = result.check->description;
        if (!result.plugin.empty()) {
            one["plugin"] = result.plugin;
            one["kind"] = kind_text(result);
        }
        one["outcome"] = to_text(result.outcome);
        one["text"] = result.text;
        one["seconds"] = result.seconds;
        json["checks"].push_back(std::move(one));
    }
    return dump(json);
}

std::string list_of_checks(bool as_json) {
    Json json = Json::array();
    std::string text;
    for (const Check& check : all_checks()) {
        const char* scope = check.scope == Scope::library ? "library" : "plug-in";
        json.push_back({{"name", check.name}, {"scope", scope}, {"description", check.description}});
        text += std::string(check.name) + " (" + scope + ")\n    " + std::string(check.description) + '\n';
    }
    return as_json ? dump(json) : text;
}

bool is_good(const std::vector<Result>& results) {
    return count_of(results, Outcome::failed) == 0 && count_of(results, Outcome::crashed) == 0;
}

}  // namespace sotto::check
