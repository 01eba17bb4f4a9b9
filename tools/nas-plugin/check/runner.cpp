// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-plugin/check/runner.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <sstream>

#include "engine/input/input_error.hpp"
#include "tools/nas-plugin/check/child_process.hpp"
#include "tools/nas-plugin/check/library_choice.hpp"

namespace sotto::check {
namespace {

std::string quoted(std::string_view text) {
    return '\'' + std::string(text) + '\'';
}

[[noreturn]] void refuse(const std::string& what, std::string_view found, const std::vector<std::string_view>& known) {
    const std::string_view nearest = input::nearest_name(found, known);
    throw BadRequest(what + ": found " + quoted(found) + ", expected " +
                     (known.empty() ? std::string("none") : input::list_names(known)) +
                     (nearest.empty() ? "" : "; did you mean " + quoted(nearest) + '?'));
}

void check_names(const std::vector<std::string>& names) {
    std::vector<std::string_view> known;
    for (const Check& check : all_checks()) {
        known.push_back(check.name);
    }
    for (const std::string& name : names) {
        if (std::ranges::find(known, name) == known.end()) {
            refuse("unknown check", name, known);
        }
    }
}

void check_parameters(const Request& request, const std::vector<Listed>& plugins) {
    std::vector<std::string_view> known;
    for (const Listed& one : plugins) {
        known.insert(known.end(), one.parameters.begin(), one.parameters.end());
        if (!one.wrong_parameter.empty()) {
            throw BadRequest("--param: " + one.wrong_parameter);
        }
    }
    for (const auto& [name, value] : request.context.parameters) {
        if (std::ranges::find(known, name) == known.end()) {
            refuse("unknown parameter", name, known);
        }
    }
}

class Runner {
  public:
    Runner(const Request& request, const std::function<void(const Result&)>& on_result)
        : request_(request), on_result_(on_result) {}

    std::vector<Result> run() {
        const std::vector<Listed> plugins = run_library_checks();
        if (plugins.empty()) {
            run_plugin_checks({request_.context.kind, request_.context.plugin, {}, {}});
        }
        for (const Listed& one : plugins) {
            run_plugin_checks(one);
        }
        return std::move(results_);
    }

  private:
    bool is_wanted(const Check& check) const {
        return request_.only.empty() || std::ranges::find(request_.only, check.name) != request_.only.end();
    }

    ChildResult execute(const Check& check, const Context& context) const {
        return request_.in_process ? run_here(check, context) : run_in_child(check, context);
    }

    // The first check it needs that did not succeed.
    std::string unmet_need(const Check& check, const std::set<std::string, std::less<>>& unmet) const {
        std::istringstream names{std::string(check.needs)};
        for (std::string name; names >> name;) {
            if (unmet.contains(name)) {
                return name;
            }
        }
        return {};
    }

    ChildResult run_one(const Check& check, const Context& context, std::set<std::string, std::less<>>& unmet) {
        const auto start = std::chrono::steady_clock::now();
        ChildResult made;
        const std::string need = unmet_need(check, unmet);
        if (need.empty()) {
            made = execute(check, context);
        } else {
            made = {Outcome::skipped, "needs " + quoted(need), {}};
        }
        if (!need.empty() || made.outcome == Outcome::failed || made.outcome == Outcome::crashed) {
            unmet.insert(std::string(check.name));
        }
        if (is_wanted(check)) {
            const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            results_.push_back({&check, context.kind, context.plugin, made.outcome, made.text, seconds});
            on_result_(results_.back());
        }
        return made;
    }

    std::vector<Listed> run_library_checks() {
        Context context = request_.context;
        context.plugin.clear();
        std::vector<Listed> plugins;
        for (const Check& check : all_checks()) {
            // Those that tell which plug-ins there are run in any case.
            if (check.scope != Scope::library || !(tells_plugins(check) || is_wanted(check))) {
                continue;
            }
            const ChildResult made = run_one(check, context, library_unmet_);
            if (check.name == "describes-plugins" && made.outcome == Outcome::success) {
                plugins = chosen(made.plugins);
            }
        }
        return plugins;
    }

    // Those that were asked for, each id once.
    std::vector<Listed> chosen(const std::vector<Listed>& offered) const {
        std::vector<Listed> plugins;
        std::vector<std::string_view> known;
        std::set<std::pair<plugin::Kind, std::string>> seen;
        for (const Listed& one : offered) {
            known.push_back(one.id);
            const bool is_asked_for = request_.context.plugin.empty() || request_.context.plugin == one.id;
            if (is_asked_for && seen.insert({one.kind, one.id}).second) {
                plugins.push_back(one);
            }
        }
        if (plugins.empty()) {
            refuse("unknown plug-in", request_.context.plugin, known);
        }
        check_parameters(request_, plugins);
        return plugins;
    }

    void run_plugin_checks(const Listed& listed) {
        Context context = request_.context;
        context.kind = listed.kind;
        context.plugin = listed.id;
        std::set<std::string, std::less<>> unmet = library_unmet_;
        for (const Check& check : all_checks()) {
            if (check.scope == Scope::plugin && is_wanted(check)) {
                run_one(check, context, unmet);
            }
        }
    }

    const Request& request_;
    const std::function<void(const Result&)>& on_result_;
    std::set<std::string, std::less<>> library_unmet_;
    std::vector<Result> results_;
};

}  // namespace

bool tells_plugins(const Check& check) {
    return check.name == "loads" || check.name == "initialises" || check.name == "describes-plugins";
}

std::vector<Result> run_checks(const Request& request, const std::function<void(const Result&)>& on_result) {
    check_names(request.only);
    Request resolved = request;
    try {
        const LibraryChoice choice = choose_library(request.context.library);
        resolved.context.library = choice.library;
        if (resolved.context.plugin.empty()) {
            resolved.context.plugin = choice.plugin;
        }
    } catch (const plugin::PluginError& error) {
        throw BadRequest(error.what());
    }
    return Runner(resolved, on_result).run();
}

}  // namespace sotto::check
