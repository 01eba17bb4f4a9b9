// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-plugin/check_command.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tools/nas-plugin/check/child_process.hpp"
#include "tools/nas-plugin/check/report.hpp"
#include "tools/nas-plugin/check/runner.hpp"

namespace sotto::tools {
namespace {

using check::BadRequest;

struct Options {
    std::string library;
    std::string plugin;
    std::string kind;
    std::string fuzz;
    std::string child;
    std::vector<std::string> only;
    std::vector<std::string> parameters;
    std::uint64_t seed = 1;
    double timeout = 60;
    int result_descriptor = -1;
    bool json = false;
    bool list = false;
    bool in_process = false;
    bool allow_writable = false;
};

template <typename Number>
Number number_of(const std::string& option, std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || !(number > Number{})) {
        throw BadRequest(option + ": found '" + std::string(text) + "', expected a number above 0");
    }
    return number;
}

check::Request request_of(const Options& options) {
    check::Request request;
    request.only = options.only;
    request.in_process = options.in_process;
    check::Context& context = request.context;
    context.library = options.library;
    context.allow_writable = options.allow_writable;
    context.plugin = options.plugin;
    context.seed = options.seed;
    context.timeout_seconds = options.timeout;
    if (!(options.timeout > 0 && options.timeout <= 86400)) {
        throw BadRequest("--timeout: found " + std::to_string(options.timeout) +
                         ", expected seconds above 0 and at most 86400");
    }
    if (options.kind == "accuracy-proxy") {
        context.kind = plugin::Kind::accuracy_proxy;
    } else if (!options.kind.empty() && options.kind != "cost-model") {
        throw BadRequest("--kind: found '" + options.kind + "', expected 'cost-model' or 'accuracy-proxy'");
    }
    if (!options.fuzz.empty() && options.fuzz.back() == 's') {
        context.fuzz_seconds =
            number_of<double>("--fuzz", std::string_view(options.fuzz).substr(0, options.fuzz.size() - 1));
        // The check has to end before the process that runs it is ended.
        context.timeout_seconds = std::max(context.timeout_seconds, 2 * context.fuzz_seconds);
    } else if (!options.fuzz.empty()) {
        context.fuzz_count = number_of<std::uint64_t>("--fuzz", options.fuzz);
    }
    for (const std::string& parameter : options.parameters) {
        const std::size_t sign = parameter.find('=');
        if (sign == std::string::npos || sign == 0) {
            throw BadRequest("--param: found '" + parameter + "', expected NAME=VALUE");
        }
        context.parameters[parameter.substr(0, sign)] = parameter.substr(sign + 1);
    }
    return request;
}

int run(const Options& options) {
    if (options.list) {
        std::fputs(check::list_of_checks(options.json).c_str(), stdout);
        return 0;
    }
    if (options.library.empty()) {
        throw BadRequest("found no library, expected the path of one, or the id of an installed plug-in");
    }
    check::Request request = request_of(options);
    if (!options.child.empty()) {
        check::serve_child(options.child, request.context, options.result_descriptor);
    }
    check::Table table;
    const auto results = check::run_checks(request, [&](const check::Result& result) {
        if (!options.json) {
            std::fputs(table.next(result).c_str(), stdout);
            std::fflush(stdout);
        }
    });
    if (!options.json) {
        std::fputs(table.end().c_str(), stdout);
    }
    std::fputs((options.json ? check::json_of(results, request) : check::summary_of(results, request)).c_str(), stdout);
    return check::is_good(results) ? 0 : 1;
}

}  // namespace

void add_check_command(CLI::App& app, int& exit_code) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand(
        "check", "Says whether a plug-in library keeps the contract, each check in a process of its own.");
    command->footer(
        "Exit codes: 0 no check failed or crashed, 1 one did, 2 bad input. Every check: --list, docs/plugin_check.md.");
    command->add_option("library", options->library,
                        "path of a plug-in library (with '/' or '.so'), name of an installed one, or id of a plug-in");
    command->add_flag("--json", options->json, "print one JSON object");
    command->add_flag("--list", options->list, "print every check and end");
    command->add_option("--only", options->only, "run this check alone (can be repeated)")->type_name("NAME");
    command->add_option("--plugin", options->plugin, "check this plug-in of the library alone")->type_name("ID");
    command->add_option("--param", options->parameters, "value of a parameter (can be repeated)")
        ->type_name("NAME=VALUE");
    command->add_option("--seed", options->seed, "seed of the random candidates, 1 unless told")->type_name("N");
    command
        ->add_option("--fuzz", options->fuzz,
                     "random candidates: how many, or seconds with an s ('30s'); 200 unless told")
        ->type_name("COUNT|SECONDSs");
    command->add_option("--timeout", options->timeout, "seconds after which a check is ended, 60 unless told")
        ->type_name("S");
    command->add_flag("--allow-writable", options->allow_writable, "load a library that others can write to");
    command->add_flag("--in-process", options->in_process, "no child processes and no timeout, for a debugger");
    for (const char* own : {"--kind", "--child", "--result-descriptor"}) {
        const std::string name = own;
        CLI::Option* option = name == "--kind"    ? command->add_option(name, options->kind)
                              : name == "--child" ? command->add_option(name, options->child)
                                                  : command->add_option(name, options->result_descriptor);
        option->group("");  // what the program says to its own child processes
    }
    command->callback([options, &exit_code] {
        try {
            exit_code = run(*options);
        } catch (const BadRequest& error) {
            std::fprintf(stderr, "nas-plugin check: %s\n", error.what());
            exit_code = 2;
        }
    });
}

}  // namespace sotto::tools
