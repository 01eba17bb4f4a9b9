// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/isolation/isolated_instance.hpp"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "engine/plugin/isolation/candidate_message.hpp"
#include "engine/plugin/isolation/description_message.hpp"
#include "engine/plugin/isolation/host_process.hpp"
#include "engine/plugin/isolation/opening.hpp"
#include "engine/plugin/registry.hpp"

namespace sotto::plugin::isolation {
namespace {

// A process that cannot even be started so many times in a row is given up: the machine, not a candidate, is the cause.
constexpr std::uint32_t most_failed_starts = 3;

void require_type(const Channel::Message& answer, MessageType expected) {
    if (answer.type != expected) {
        throw ProtocolError("found an answer of type " + std::to_string(static_cast<std::uint32_t>(answer.type)) +
                            ", expected " + std::to_string(static_cast<std::uint32_t>(expected)));
    }
}

[[noreturn]] void throw_refusal(std::span<const std::byte> body) {
    throw PluginError(MessageReader(body).text());
}

std::vector<std::byte> bytes_of(const Description& description) {
    MessageWriter message;
    write(message, description);
    return {message.bytes().begin(), message.bytes().end()};
}

}  // namespace

std::vector<Description> scan_library(const std::string& path, Writable writable, const HostServices& services,
                                      const Isolation& isolation) {
    const std::string subject = "plug-in library '" + path + "': ";
    HostProcess process(services.plugin_host);
    MessageWriter request;
    write(request, Opening{services.name, path, writable});
    try {
        const Channel::Message answer =
            process.request(MessageType::describe, request.bytes(), isolation.start_timeout_s, services);
        if (answer.type == MessageType::refused) {
            throw_refusal(answer.body);
        }
        require_type(answer, MessageType::described);
        MessageReader body(answer.body);
        return read_descriptions(body);
    } catch (const HostEnded& error) {
        throw PluginError(subject + "while it was loaded in a process of its own: " + error.what());
    } catch (const ProtocolError& error) {
        throw PluginError(subject + "while it was loaded in a process of its own: " + error.what());
    }
}

Description isolated(Description description) {
    description.thread_level = ThreadLevel::instance;
    return description;
}

struct IsolatedInstance::State {
    std::vector<std::byte> declared;  // what the process must say that it made
    std::string library;
    Writable writable;
    std::map<std::string, std::string> arguments;
    const HostServices& services;
    Isolation isolation;
    std::optional<HostProcess> process = {};
    MessageWriter request = {};
    std::uint32_t starts = 0;
    std::uint32_t failed_starts = 0;  // in a row
    std::string last_end = {};        // why there is no process
};

IsolatedInstance::IsolatedInstance(const Description& description, Writable writable,
                                   std::map<std::string, std::string> arguments, const HostServices& services,
                                   const Isolation& isolation)
    : Instance(isolated(description)),
      state_(
          new State{bytes_of(description), description.library, writable, std::move(arguments), services, isolation}) {
    start();
}

IsolatedInstance::~IsolatedInstance() = default;

void IsolatedInstance::start() const {
    State& state = *state_;
    ++state.starts;
    state.process.emplace(state.services.plugin_host);
    MessageWriter request;
    write(request, Opening{state.services.name, state.library, state.writable});
    request.number(static_cast<std::uint32_t>(describe().kind));
    request.text(describe().id);
    request.number(static_cast<std::uint32_t>(state.arguments.size()));
    for (const auto& [name, value] : state.arguments) {
        request.text(name);
        request.text(value);
    }
    try {
        const Channel::Message answer = state.process->request(MessageType::create, request.bytes(),
                                                               state.isolation.start_timeout_s, state.services);
        if (answer.type == MessageType::refused) {
            throw_refusal(answer.body);
        }
        require_type(answer, MessageType::created);
        if (!std::equal(answer.body.begin(), answer.body.end(), state.declared.begin(), state.declared.end())) {
            throw PluginError(subject() + ": declares something else in its process than it did before");
        }
    } catch (const HostEnded& error) {
        state.process.reset();
        throw PluginError(subject() + ": cannot be created: " + error.what());
    } catch (const ProtocolError& error) {
        state.process.reset();
        throw PluginError(subject() + ": cannot be created: " + error.what());
    } catch (...) {
        state.process.reset();
        throw;
    }
}

// Throws PluginError where there is none and none can be had.
void IsolatedInstance::require_process() const {
    State& state = *state_;
    if (state.process) {
        return;
    }
    if (state.failed_starts >= most_failed_starts) {
        throw PluginError(subject() + ": its process could not be started " + std::to_string(state.failed_starts) +
                          " times in a row, at last: " + state.last_end);
    }
    if (state.starts > state.isolation.most_restarts) {
        throw PluginError(subject() + ": its process ended " + std::to_string(state.starts) +
                          " times and is not started again, at last: " + state.last_end);
    }
    try {
        start();
        state.failed_starts = 0;
    } catch (const PluginError& error) {
        ++state.failed_starts;
        state.last_end = error.what();
        throw;
    }
}

// Writes as many candidates as one message holds, and returns how many that is: 0 where the first alone is too large.
std::size_t IsolatedInstance::write_request(std::span<const CandidateView* const> candidates) const {
    MessageWriter& request = state_->request;
    request.clear();
    request.number(std::uint32_t{0});
    std::uint32_t count = 0;
    while (count < std::min<std::size_t>(candidates.size(), most_candidates)) {
        const std::size_t before = request.size();
        bool fits = true;
        try {
            write(request, *candidates[count]);
            fits = request.size() <= most_message_bytes;
        } catch (const ProtocolError&) {
            fits = false;
        }
        if (!fits) {
            request.cut(before);
            break;
        }
        ++count;
    }
    request.replace(0, count);
    return count;
}

void IsolatedInstance::read_scores(std::span<const std::byte> body, std::span<Score> scores) const {
    MessageReader reader(body);
    for (Score& score : scores) {
        read_score(reader, describe().metrics.size(), score);
        // Checked there already; but what runs there may have written to this connection itself.
        if (score.status != Score::Status::ok) {
            continue;
        }
        if (const std::string fault = fault_of(score.metrics); !fault.empty()) {
            fail(score, fault);
        }
    }
    reader.require_end();
}

// Sends the request that was written. Where the process ended, every score says why.
IsolatedInstance::Call IsolatedInstance::call(std::span<Score> scores) const {
    State& state = *state_;
    try {
        require_process();
    } catch (const PluginError& error) {
        for (Score& score : scores) {
            score.status = Score::Status::failed;
            score.reason = error.what();
            score.metrics.clear();
        }
        return Call::ended;
    }
    bool is_cancelled = false;
    try {
        const Channel::Message answer = state.process->request(MessageType::evaluate, state.request.bytes(),
                                                               state.isolation.timeout_s, state.services);
        require_type(answer, MessageType::scores);
        read_scores(answer.body, scores);
        return Call::answered;
    } catch (const HostEnded& error) {
        state.last_end = error.what();
        is_cancelled = error.is_cancelled();
    } catch (const ProtocolError& error) {
        state.last_end = std::string("its process gave an answer out of order: ") + error.what();
    }
    state.process.reset();
    for (Score& score : scores) {
        fail(score, state.last_end);
        if (is_cancelled) {
            score.status = Score::Status::cancelled;
        }
    }
    return is_cancelled ? Call::cancelled : Call::ended;
}

void IsolatedInstance::evaluate(std::span<const CandidateView* const> candidates, std::span<Score> scores) const {
    assert(candidates.size() == scores.size());
    for (std::size_t begin = 0; begin < candidates.size();) {
        const std::size_t count = write_request(candidates.subspan(begin));
        if (count == 0) {
            fail(scores[begin], "the candidate is too large for a process of its own: over " +
                                    std::to_string(most_message_bytes) + " bytes or " +
                                    std::to_string(most_list_entries) + " entries of one list");
            ++begin;
            continue;
        }
        Call outcome = call(scores.subspan(begin, count));
        for (std::size_t i = begin; outcome == Call::ended && count > 1 && i < begin + count; ++i) {
            write_request(candidates.subspan(i, 1));
            if (call(scores.subspan(i, 1)) == Call::cancelled) {
                outcome = Call::cancelled;
                for (Score& score : scores.subspan(i, begin + count - i)) {
                    score.status = Score::Status::cancelled;
                }
            }
        }
        begin += count;
    }
}

// The values that answer a request about one candidate.
std::vector<double> IsolatedInstance::request_values(MessageType type, const char* what,
                                                     const CandidateView& candidate) const {
    State& state = *state_;
    MessageWriter request;
    try {
        require_process();
        write(request, candidate);
        const Channel::Message answer =
            state.process->request(type, request.bytes(), state.isolation.timeout_s, state.services);
        if (answer.type == MessageType::refused) {
            throw_refusal(answer.body);
        }
        require_type(answer, MessageType::values);
        MessageReader body(answer.body);
        const std::span<const double> values = body.list<double>();
        body.require_end();
        return {values.begin(), values.end()};
    } catch (const HostEnded& error) {
        state.last_end = error.what();
        state.process.reset();
    } catch (const ProtocolError& error) {
        state.last_end = error.what();
        state.process.reset();
    }
    throw PluginError(subject() + ": " + what + ": " + state.last_end);
}

std::vector<double> IsolatedInstance::per_operation(const CandidateView& candidate) const {
    constexpr const char* what = "per-operation values";
    std::vector<double> values = request_values(MessageType::per_operation, what, candidate);
    const sotto_program* const program = candidate.view().program;
    const std::size_t metrics = describe().metrics.size();
    if (!values.empty() && (program == nullptr || values.size() != program->operation_count * metrics)) {
        throw PluginError(subject() + ": " + what + ": found " + std::to_string(values.size()));
    }
    for (std::size_t first = 0; first < values.size(); first += metrics) {
        const std::string fault = fault_of(std::span<const double>(values).subspan(first, metrics));
        if (!fault.empty()) {
            throw PluginError(subject() + ": operation " + std::to_string(first / metrics) + ": " + fault);
        }
    }
    return values;
}

std::vector<double> IsolatedInstance::standard_deviations(const CandidateView& candidate) const {
    constexpr const char* what = "standard deviations";
    std::vector<double> deviations = request_values(MessageType::standard_deviations, what, candidate);
    if (!deviations.empty() && deviations.size() != describe().metrics.size()) {
        throw PluginError(subject() + ": " + what + ": found " + std::to_string(deviations.size()));
    }
    if (!deviations.empty()) {
        require_deviations(deviations);
    }
    return deviations;
}

}  // namespace sotto::plugin::isolation
