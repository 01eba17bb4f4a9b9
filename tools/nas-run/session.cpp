// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/session.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <spdlog/logger.h>

#include "engine/arch/counts.hpp"
#include "engine/input/input_error.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/run/events.hpp"
#include "engine/run/file_io.hpp"
#include "engine/run/run_directory.hpp"
#include "engine/run/store.hpp"
#include "search/halving/finalists_table.hpp"
#include "search/halving/successive_halving.hpp"
#include "search/loop/front_spread.hpp"
#include "search/loop/result_files.hpp"
#include "search/loop/search_loop.hpp"
#include "search/loop/space_fit.hpp"
#include "tools/command_line/command_line.hpp"
#include "tools/command_line/engine_version.hpp"
#include "tools/command_line/stop_request.hpp"
#include "tools/installed/installed_plugins.hpp"
#include "tools/nas-run/display_sink.hpp"
#include "tools/nas-run/dry_run.hpp"
#include "tools/nas-run/event_lines.hpp"
#include "tools/nas-run/last_words.hpp"
#include "tools/nas-run/process_state.hpp"
#include "tools/nas-run/progress_display.hpp"
#include "tools/nas-run/report.hpp"
#include "tools/nas-run/result_stream.hpp"
#include "tools/nas-run/run_input.hpp"
#include "tools/nas-run/run_page/run_page.hpp"
#include "tools/nas-run/run_summary.hpp"
#include "tools/nas-run/stage_shortfalls.hpp"

namespace sotto::tools {
namespace {

// In the database's `information`: what the configuration's file was called, without its ending.
constexpr const char* configuration_name = "config_name";

// A run from its command line to its last line.
class Session {
  public:
    explicit Session(const Options& options)
        : options_(options),
          display_(options.quiet ? ProgressDisplay::Mode::none : ProgressDisplay::suitable_mode()),
          log_("nas-run", std::make_shared<DisplaySink>(display_)),
          registry_({[this](int level, std::string_view text) { plugin_message(level, text); },
                     [] { return stop_flag().load(); },
                     {},
                     "nas-run " + engine_version(),
                     plugin_host()}) {
        log_.set_pattern("nas-run: %v");
        log_.set_level(options.quiet ? spdlog::level::err : spdlog::level::info);
    }

    int run();

  private:
    int search();
    void run_stages(const search::LoopResult& result);
    void finish_after(const std::exception& fault, const search::LoopResult& result);
    std::map<std::uint64_t, std::string> write_results(const search::LoopResult& result, const std::string& fault = {});
    Report report_of(const search::LoopResult& result, const std::map<std::uint64_t, std::string>& best) const;
    double seconds_of(const search::LoopResult& result) const;
    std::string stages_text() const;
    int finish(const search::LoopResult& result);
    int refuse(const input::InputError& error);
    int fail(const std::string& text, int code);
    void open_run();
    void write_configuration() const;
    void record(const run::Event& event);
    void open_event_lines();
    void write_event_line(const run::Event& event);
    void plugin_message(int level, std::string_view text);
    std::string saved_hint() const;
    std::string resume_hint() const;
    void restore_process();

    const Options& options_;
    ResultStream results_;
    const ProcessState process_;
    ProgressDisplay display_;
    spdlog::logger log_;
    std::mutex messages_mutex_;
    std::set<std::string, std::less<>> messages_;  // of plug-ins, each said once
    plugin::Registry registry_;
    run::EventStream events_;
    std::optional<TimeLimit> time_limit_;
    std::optional<InstalledPlugins> plugins_;
    std::optional<RunInput> input_;
    std::optional<search::SearchLoop> loop_;
    std::optional<search::SuccessiveHalving> halving_;  // once the stages began
    std::optional<run::RunDirectory> directory_;
    std::optional<run::Store> store_;
    std::optional<run::FileDescriptor> event_lines_;
    std::size_t failures_ = 0;
    bool replays_whole_run_ = false;
    LastWords last_words_;  // the last one: the work is done before a plug-in is destroyed
};

int Session::run() {
    try {
        plugins_.emplace(registry_, plugin_directories());
        input_.emplace(read_run_input(options_, registry_, *plugins_));
    } catch (const input::InputError& error) {
        return refuse(error);
    } catch (const plugin::PluginError& error) {
        return fail(error.what(), bad_input);
    } catch (const run::RunError& error) {
        return fail(error.what(), options_.resume.empty() ? failed : bad_input);
    }
    if (options_.dry_run) {
        return results_.print(dry_run_text(input_->configuration, options_.json))
                   ? done
                   : fail("standard output cannot be written", failed);
    }
    try {
        loop_.emplace(input_->configuration, registry_, input_->threads);
        search::SuccessiveHalving::try_plugins(input_->configuration, registry_);
        plugins_->check_loaded();
        if (!options_.out.empty() && !run::RunDirectory::is_free(options_.out)) {
            return fail(options_.out + ": found a file or a directory that is not empty, expected a new directory; " +
                            "a run is continued with --resume",
                        bad_input);
        }
    } catch (const input::InputError& error) {
        return stop_flag().load() ? fail(error.what(), interrupted) : refuse(error);
    } catch (const plugin::PluginError& error) {
        return fail(error.what(), stop_flag().load() ? interrupted : bad_input);
    } catch (const run::RunError& error) {
        return fail(error.what(), failed);
    }
    try {
        return search();
    } catch (const input::InputError& error) {
        return refuse(error);
    } catch (const run::OtherRunError& error) {
        return fail(
            std::string(error.what()) +
                "\na plug-in gives other results than it did when this candidate was stored: the run goes on with the "
                "library that it was begun with, or another is begun",
            failed);
    } catch (const search::CandidateStopped& error) {
        return fail(
            error.what() + saved_hint() +
                "\nit ends there again unless the plug-in is mended, or CONFIG says 'on_error: skip' or 'penalise'" +
                (directory_ ? ": nas-run CONFIG --resume " + directory_->path().string() : std::string()),
            failed);
    } catch (const search::BaselineError& error) {
        // No hint: the run would end there again.
        return fail(error.what(), failed);
    } catch (const std::exception& error) {
        return fail(error.what() + saved_hint(), failed);
    }
}

int Session::search() {
    std::vector<std::string> warnings;
    if (search::wants_space_fit(input_->configuration)) {
        log_.info("fitting to random members of the space");
        const auto warn = [&](const std::string& text) { warnings.push_back(text); };
        if (!search::fit_to_space(input_->configuration, registry_, input_->threads, stop_flag(), warn)) {
            return fail("stopped before the run began, nothing is saved", interrupted);
        }
        loop_.emplace(input_->configuration, registry_, input_->threads);
    }
    restore_process();
    open_event_lines();
    open_run();
    last_words_.saved_in(directory_->path(), options_.quiet);
    events_.subscribe([this](const run::Event& event) { display_.on_event(event); });
    events_.subscribe([this](const run::Event& event) { record(event); });
    if (!options_.events.empty()) {
        events_.subscribe([this](const run::Event& event) { write_event_line(event); });
    }
    const search::SearchSettings& settings = input_->configuration.search;
    events_.emit(run::RunStarted{directory_->path().string(), input_->configuration.space.name(), settings.strategy,
                                 settings.seed, settings.evaluations, loop_->threads(), !options_.resume.empty()});
    for (std::string& warning : warnings) {
        events_.emit(run::Warning{std::move(warning)});
    }
    if (options_.time_limit) {
        time_limit_.emplace(*options_.time_limit);
        events_.subscribe([this](const run::Event&) { time_limit_->check(); });
    }
    events_.subscribe([this](const run::Event& event) {
        if (std::holds_alternative<run::GenerationFinished>(event) ||
            std::holds_alternative<run::StageFinished>(event)) {
            restore_process();
        }
    });
    loop_->attach(*store_);
    if (!loop_->evaluate_baseline(stop_flag())) {
        return finish(loop_->result_so_far());
    }
    search::SuccessiveHalving::require_baseline(input_->configuration, loop_->baseline());
    input_->configuration.hypervolume_reference = loop_->reference();
    write_configuration();
    std::optional<search::LoopResult> result;
    try {
        result = loop_->search(events_, stop_flag());
        if (result->ending != search::Ending::stopped) {
            run_stages(*result);
        }
    } catch (const search::CandidateStopped& error) {
        finish_after(error, result ? *result : loop_->result_so_far());
        throw;
    }
    return finish(*result);
}

// After a fault, what was found so far is worth having; the fault itself is told by the caller.
void Session::finish_after(const std::exception& fault, const search::LoopResult& result) {
    write_results(result, fault.what());
    events_.emit(
        run::RunFinished{run::RunFinished::Outcome::failed, fault.what(), result.evaluations, seconds_of(result)});
}

void Session::run_stages(const search::LoopResult& result) {
    if (input_->configuration.stages.empty()) {
        return;
    }
    restore_process();
    halving_.emplace(input_->configuration, registry_, loop_->metrics(), loop_->threads(), directory_->path());
    halving_->run(result.front, loop_->baseline(), *store_, events_, stop_flag());
}

// Returns where members of the front are written, by id.
std::map<std::uint64_t, std::string> Session::write_results(const search::LoopResult& result,
                                                            const std::string& fault) {
    restore_process();
    const search::RunConfiguration& configuration = input_->configuration;
    const auto spread = [&](std::size_t count) {
        return search::spread_ids(configuration, registry_, loop_->metrics(), result.front, count);
    };
    std::set<std::uint64_t> chosen = spread(configuration.best);
    if (halving_) {
        for (const search::Finalist& finalist : halving_->result().finalists) {
            chosen.insert(finalist.member.id);
        }
    }
    search::ResultFiles files = search::write_result_files(*directory_, configuration, loop_->metrics(), result.front,
                                                           chosen, loop_->baseline(), options_.onnx);
    if (halving_) {
        directory_->write_file(search::finalists_file,
                               finalists_csv(configuration, loop_->metrics(), halving_->result(), files.best));
    } else {
        // Those of an earlier session, which other members of the front take the place of.
        std::error_code none;
        std::filesystem::remove(directory_->path() / search::finalists_file, none);
    }
    const Report report = report_of(result, files.best);
    const auto information = store_->information();
    const auto name = information.find(configuration_name);
    directory_->write_file(run_page_file,
                           to_html({report, *store_, name == information.end() ? std::string() : name->second,
                                    input_->versions, files.rows, spread(most_shown_members), fault}));
    return std::move(files.best);
}

Report Session::report_of(const search::LoopResult& result, const std::map<std::uint64_t, std::string>& best) const {
    return {input_->configuration,
            result,
            loop_->baseline(),
            loop_->reference(),
            loop_->metrics(),
            directory_->path().string(),
            best,
            halving_ ? &halving_->result() : nullptr,
            seconds_of(result)};
}

double Session::seconds_of(const search::LoopResult& result) const {
    return result.seconds + (halving_ ? halving_->result().seconds : search::stored_stage_seconds(*store_));
}

// What was done when the stages were: another list is more to do.
std::string Session::stages_text() const {
    return search::to_yaml(input_->configuration.stages);
}

void Session::open_run() {
    const search::RunConfiguration& configuration = input_->configuration;
    if (!options_.resume.empty()) {
        directory_.emplace(run::RunDirectory::open(options_.resume));
        store_.emplace(run::Store::open(directory_->database()));
        const std::uint64_t evaluated = store_->candidate_count();
        if (configuration.search.evaluations < evaluated) {
            throw input::InputError({{options_.resume, 0, 0},
                                     "the run has evaluated more candidates than were asked for",
                                     std::to_string(configuration.search.evaluations),
                                     "--evaluations of at least " + std::to_string(evaluated),
                                     {}});
        }
        const auto information = store_->information();
        for (const std::string& plugin : plugins_of_other_libraries(*input_, information)) {
            log_.warn(
                "the library of {} is not the one that the run was begun with, though its version is: where it gives "
                "other "
                "results, they are mixed with the old ones (a plug-in whose results change raises its version)",
                plugin);
        }
        const auto finished = information.find("finished_evaluations");
        const auto stages = information.find("finished_stages");
        replays_whole_run_ = finished != information.end() &&
                             finished->second == std::to_string(configuration.search.evaluations) &&
                             (stages != information.end() ? stages->second : std::string()) == stages_text();
        return;
    }
    if (options_.out.empty()) {
        const std::string stem = std::filesystem::path(options_.config).stem().string();
        directory_.emplace(run::RunDirectory::create_default("runs", stem, configuration.search.seed));
    } else {
        directory_.emplace(run::RunDirectory::create(options_.out));
    }
    std::map<std::string, std::string> information = input_->versions;
    information[configuration_name] = std::filesystem::path(options_.config).stem().string();
    information.insert(input_->libraries.begin(), input_->libraries.end());
    information["config"] = to_yaml(configuration, input_->versions);
    information["seed"] = std::to_string(configuration.search.seed);
    std::vector<run::StoredMetric> metrics;
    for (const plugin::Metric& metric : loop_->metrics()) {
        metrics.push_back({metric.name, metric.unit});
    }
    store_.emplace(run::Store::create(directory_->database(), information, std::move(metrics)));
    write_configuration();
}

void Session::write_configuration() const {
    directory_->write_file("config.yaml", to_yaml(input_->configuration, input_->versions));
}

void Session::record(const run::Event& event) {
    if (const auto* failure = std::get_if<run::CandidateFailed>(&event)) {
        if (input_->configuration.on_error == evaluate::ErrorPolicy::stop) {
            // What ended the run is told by the caller, and the candidate has no row.
            store_->append_event(run::event_kind(event), run::to_text(event));
            return;
        }
        constexpr std::size_t most_shown = 10;
        if (++failures_ <= most_shown) {
            log_.warn("candidate {}: {}{}", failure->id, failure->reason,
                      failures_ == most_shown ? " (further failures are in run.db)" : "");
        }
        return;
    }
    if (const auto* scored = std::get_if<run::FinalistScored>(&event)) {
        if (scored->score.status == evaluate::Evaluation::Status::failed) {
            log_.warn("stage {}, candidate {}: {}", scored->stage, scored->score.candidate, scored->score.reason);
        }
        return;
    }
    if (const auto* finished = std::get_if<run::StageFinished>(&event)) {
        const std::string shortfalls = shortfall_text(halving_->result(), finished->stage - 1);
        if (!shortfalls.empty()) {
            log_.warn("{}", shortfalls);
        }
    }
    if (const auto* warning = std::get_if<run::Warning>(&event)) {
        log_.warn("{}", warning->text);
    }
    if (const auto* started = std::get_if<run::RunStarted>(&event)) {
        log_.info("{} {}: {} of {}, {} candidates, seed {}, {} {}", started->resumed ? "resuming" : "run in",
                  started->directory, started->strategy, started->space, started->budget, started->seed,
                  started->threads, started->threads == 1 ? "thread" : "threads");
    }
    const bool is_kept = !std::holds_alternative<run::Progress>(event) &&
                         !std::holds_alternative<run::GenerationFinished>(event) && !replays_whole_run_;
    if (is_kept) {
        store_->append_event(run::event_kind(event), run::to_text(event));
    }
}

// A pipe or a terminal will do as well as a file.
void Session::open_event_lines() {
    if (options_.events.empty() || options_.events == "-") {
        return;
    }
    event_lines_.emplace(::open(options_.events.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (event_lines_->number() < 0) {
        throw run::RunError(options_.events, run::with_reason("cannot be opened", errno));
    }
}

void Session::write_event_line(const run::Event& event) {
    const std::string line = to_json_line(event);
    if (!event_lines_) {
        if (!results_.print(line)) {
            throw run::RunError("standard output", "cannot be written");
        }
    } else if (const int error = run::write_all(event_lines_->number(), line)) {
        throw run::RunError(options_.events, run::with_reason("cannot be written", error));
    }
}

int Session::finish(const search::LoopResult& result) {
    const bool stopped =
        result.ending == search::Ending::stopped || (halving_.has_value() && !halving_->result().complete);
    const std::map<std::uint64_t, std::string> best = write_results(result);
    if (!stopped && !replays_whole_run_) {
        store_->set_information("finished_evaluations", std::to_string(input_->configuration.search.evaluations));
        store_->set_information("finished_stages", stages_text());
    }
    const std::string reason = stopped                                            ? std::string(to_text(stop_reason()))
                               : result.ending == search::Ending::space_exhausted ? "space exhausted"
                                                                                  : "budget used";
    using Outcome = run::RunFinished::Outcome;
    events_.emit(run::RunFinished{stopped ? Outcome::interrupted : Outcome::done, reason, result.evaluations,
                                  seconds_of(result)});
    store_->flush();
    display_.finish();

    const Report report = report_of(result, best);
    if (!results_.print(options_.json ? to_json(report) : to_table(report))) {
        return fail("standard output cannot be written; the run is complete in " + report.run_directory, failed);
    }
    log_summary(log_, report);
    if (stopped) {
        log_.warn("stopped ({}), everything saved; {}", reason, resume_hint());
        return stop_reason() == StopReason::time_limit ? done : interrupted;
    }
    if (replays_whole_run_) {
        log_.info("the run in {} was complete already; --evaluations N continues it", report.run_directory);
    } else {
        log_.info("written to {}", report.run_directory);
    }
    return done;
}

// The place comes first on the line, so that editors find it.
int Session::refuse(const input::InputError& error) {
    display_.message(error.what());
    return bad_input;
}

int Session::fail(const std::string& text, int code) {
    display_.finish();
    log_.error("{}", text);
    return code;
}

// No plug-in is called now.
void Session::restore_process() {
    for (const std::string& change : process_.restore()) {
        plugin_message(SOTTO_LOG_WARNING, "a plug-in changed " + change +
                                              ", which is put back; 'nas-plugin check LIB' tells which one does");
    }
}

// Nothing before there is a store.
std::string Session::saved_hint() const {
    return store_ ? "\nwhat was evaluated is saved; " + resume_hint() : std::string();
}

std::string Session::resume_hint() const {
    return "continue with: nas-run --resume " + directory_->path().string();
}

void Session::plugin_message(int level, std::string_view text) {
    {
        const std::lock_guard lock(messages_mutex_);
        if (!messages_.emplace(text).second) {
            return;
        }
    }
    log_.log(level >= SOTTO_LOG_WARNING ? spdlog::level::warn
             : level == SOTTO_LOG_INFO  ? spdlog::level::info
                                        : spdlog::level::debug,
             "{}", text);
}

}  // namespace

int run_session(const Options& options) {
    return Session(options).run();
}

}  // namespace sotto::tools
