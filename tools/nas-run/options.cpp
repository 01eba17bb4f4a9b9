// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/options.hpp"

#include <cstdio>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "engine/run/front_files.hpp"
#include "search/loop/run_configuration.hpp"
#include "tools/command_line/command_line.hpp"
#include "tools/command_line/seed_option.hpp"
#include "tools/nas-run/versions.hpp"

namespace sotto::tools {
namespace {

constexpr const char* footer =
    "Results go to standard output, everything else to standard error.\n"
    "Exit codes: 0 done, 1 failed while running, 2 bad input, 130 interrupted with everything saved.\n"
    "nas-run compare DIR ... compares runs. Keys of CONFIG: docs/configuration.md. The run directory, with report.html "
    "for a browser: docs/nas_run.md.";

}  // namespace

std::optional<int> read_command_line(int argument_count, const char* const* arguments, Options& options) {
    CLI::App app{"Searches for neural networks that are cheap to run under secure two-party inference.", "nas-run"};
    app.footer(footer);
    std::string time_limit;
    std::uint64_t seed = 0;
    std::size_t threads = 0;
    std::uint64_t evaluations = 0;
    std::size_t best = 0;
    bool version = false;
    app.add_option("CONFIG", options.config, "Run configuration (YAML); may be left out with --resume");
    app.add_option("--out", options.out, "Run directory to make; default runs/CONFIG-SEED")->type_name("DIR");
    const CLI::Option* seed_given = app.add_option("--seed", seed, "Seed of every random draw; overrides search.seed")
                                        ->check(seed_range())
                                        ->type_name("N");
    const CLI::Option* threads_given =
        app.add_option("--threads", threads, "Workers, 0 for one per processor; does not change the result")
            ->check(CLI::Range(0, 1024))
            ->type_name("N");
    const CLI::Option* evaluations_given =
        app.add_option("--evaluations", evaluations, "Candidates to evaluate in all; overrides search.evaluations")
            ->check(CLI::Range(1, 1'000'000'000))
            ->type_name("N");
    const CLI::Option* best_given =
        app.add_option("--best", best, "Members of the front that get a directory in best/, at most; overrides best")
            ->check(CLI::Range(std::size_t{0}, search::RunConfiguration::most_best))
            ->type_name("N");
    app.add_option("--time-limit", time_limit, "Stop after 90s, 10m, 1h30m; --resume goes on")->type_name("TIME");
    app.add_option("--strategy", options.strategy,
                   "Which candidates to try next: nsga2, random, ...; overrides search.strategy")
        ->type_name("NAME");
    app.add_option("--resume", options.resume, "Go on with the run in DIR; with --evaluations, up to that many")
        ->type_name("DIR");
    app.add_option("--plugin", options.plugins, "Plug-in library to load; may be repeated")
        ->type_name("LIB")
        ->allow_extra_args(false);
    app.add_flag("--allow-writable", options.allow_writable,
                 "Load those libraries even where others can write to them");
    app.add_flag("--onnx", options.onnx, "Write best/NN/network.onnx too: 4 bytes for each parameter of each network");
    app.add_flag("--dry-run", options.dry_run, "Check everything, print a summary, evaluate nothing");
    app.add_option("--events", options.events,
                   "Write what happens to FILE as it does, a JSON object a line; - for stdout")
        ->type_name("FILE");
    app.add_flag("--json", options.json, "Print the result as one JSON object");
    app.add_flag("--quiet", options.quiet, "No progress, no notes; errors only");
    app.add_flag("--version", version, "Print versions of engine, plug-in ABI, lowering, build and libraries");

    if (const std::optional<int> code = parse_command_line(app, argument_count, arguments)) {
        return code;
    }
    if (version) {
        std::fputs(version_text().c_str(), stdout);
        return 0;
    }
    if (options.config.empty() && options.resume.empty()) {
        return refuse_command_line(
            app, "found no CONFIG, expected a run configuration, for example configs/squeezenet_space.yaml");
    }
    if (!options.resume.empty() && !options.out.empty()) {
        return refuse_command_line(app, "found --out and --resume, expected one: a resumed run stays in its directory");
    }
    if (options.onnx && !run::can_write_onnx()) {
        return refuse_command_line(app,
                                   "--onnx: this build writes no ONNX files, expected one with SOTTO_BUILD_ONNX=ON");
    }
    if (!time_limit.empty()) {
        options.time_limit = parse_duration(time_limit);
        if (!options.time_limit) {
            return refuse_command_line(
                app, "--time-limit: found '" + time_limit + "', expected a time such as 90s, 10m or 1h30m");
        }
    }
    if (seed_given->count() > 0) {
        options.seed = seed;
    }
    if (threads_given->count() > 0) {
        options.threads = threads;
    }
    if (evaluations_given->count() > 0) {
        options.evaluations = evaluations;
    }
    if (best_given->count() > 0) {
        options.best = best;
    }
    return std::nullopt;
}

}  // namespace sotto::tools
