// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-plugin/check/session.hpp"

#include <bit>
#include <cmath>
#include <cstdio>

#include "engine/plugin/abi_size.hpp"
#include "engine/plugin/argument_check.hpp"
#include "engine/plugin/border_call.hpp"
#include "engine/plugin/error_text.hpp"

namespace sotto::check {
namespace {

// A signalling NaN that no arithmetic yields.
constexpr std::uint64_t unwritten_bits = 0x7ff4'6368'6563'6b21U;
constexpr std::size_t guard_values = 8;

std::string number_text(double value) {
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%.17g", value);
    return buffer;
}

sotto_instance* const canary = reinterpret_cast<sotto_instance*>(std::uintptr_t{0x5077'0cafe});

}  // namespace

bool is_unwritten(double value) {
    return std::bit_cast<std::uint64_t>(value) == unwritten_bits;
}

bool is_same(const Record& left, const Record& right) {
    if (left.status != right.status) {
        return false;
    }
    for (std::size_t i = 0; left.status == SOTTO_OK && i < left.metrics.size(); ++i) {
        if (std::bit_cast<std::uint64_t>(left.metrics[i]) != std::bit_cast<std::uint64_t>(right.metrics[i])) {
            return false;
        }
    }
    return true;
}

std::string difference(const Record& found, const Record& expected) {
    if (found.status != expected.status) {
        return "found " + (found.status == unset_status ? "no status" : plugin::status_text(found.status)) +
               ", expected " + plugin::status_text(expected.status);
    }
    for (std::size_t i = 0; i < found.metrics.size(); ++i) {
        if (std::bit_cast<std::uint64_t>(found.metrics[i]) != std::bit_cast<std::uint64_t>(expected.metrics[i])) {
            return "metric " + std::to_string(i) + ": found " + number_text(found.metrics[i]) + ", expected " +
                   number_text(expected.metrics[i]);
        }
    }
    return "no difference";
}

std::vector<std::pair<std::string, std::string>> arguments_of(const plugin::Description& description,
                                                              const std::map<std::string, std::string>& given) {
    std::map<std::string, std::string> declared;
    for (const plugin::Parameter& parameter : description.parameters) {
        const auto found = given.find(parameter.name);
        if (found != given.end()) {
            declared.insert(*found);
        } else if (parameter.required) {
            skip("parameter '" + parameter.name + "' is required: give it with --param " + parameter.name + "=VALUE");
        }
    }
    return plugin::complete_arguments(description, declared);
}

Creation try_create(const Offered& offered, const sotto_host& host, const std::string& id,
                    const std::vector<std::pair<std::string, std::string>>& arguments) {
    std::vector<sotto_argument> flat;
    std::vector<const sotto_argument*> pointers;
    flat.reserve(arguments.size());
    pointers.reserve(arguments.size());
    for (const auto& [name, value] : arguments) {
        pointers.push_back(&flat.emplace_back(sotto_argument{sizeof(sotto_argument), 0, name.c_str(), value.c_str()}));
    }
    plugin::ErrorText text;
    Creation creation;
    sotto_instance* made = canary;
    guarded("create", [&] {
        creation.status = offered.factory->create(offered.factory, &host, id.c_str(), pointers.data(),
                                                  static_cast<std::uint32_t>(pointers.size()), &made, text.sink());
    });
    creation.wrote_instance = made != canary;
    creation.text = text.text();
    if (creation.status == SOTTO_OK) {
        if (!creation.wrote_instance || made == nullptr) {
            fail("create says that all is well and gives no instance");
        }
        creation.instance = made;
        if (!plugin::has_sound_size(*made) || made->destroy == nullptr || made->evaluate_batch == nullptr) {
            fail("create gives an incomplete instance: found struct_size " + std::to_string(made->struct_size) +
                 ", expected destroy and evaluate_batch");
        }
    }
    return creation;
}

Session::Session(const Offered& offered, TestHost& host,
                 const std::vector<std::pair<std::string, std::string>>& arguments)
    : description_(offered.description) {
    const Creation creation = try_create(offered, host.host(), description_.id, arguments);
    if (creation.instance == nullptr) {
        fail("create: " + plugin::status_text(creation.status) + ": " +
             (creation.text.empty() ? "no reason given" : creation.text));
    }
    instance_ = creation.instance;
}

Session::Session(plugin::Description description, sotto_instance* instance)
    : description_(std::move(description)), instance_(instance) {}

Session::~Session() {
    if (instance_ != nullptr) {
        static_cast<void>(plugin::fault_of_call("", "destroy", [&] { instance_->destroy(instance_); }));
    }
}

void Session::destroy() {
    guarded("destroy", [&] { instance_->destroy(std::exchange(instance_, nullptr)); });
}

const void* Session::extension(const char* id) const {
    const void* found = nullptr;
    if (instance_->get_extension != nullptr) {
        guarded("get_extension", [&] { found = instance_->get_extension(instance_, id); });
    }
    return found;
}

Call Session::call(std::span<const sotto_candidate* const> candidates, sotto_evaluate_batch function,
                   bool with_operations) const {
    const std::size_t count = candidates.size();
    const std::size_t metric_count = description_.metrics.size();
    const double unwritten = std::bit_cast<double>(unwritten_bits);
    std::vector<std::vector<double>> metrics(count);
    std::vector<std::vector<double>> operation_values(count);
    const auto texts = std::make_unique<plugin::ErrorText[]>(count);
    std::vector<sotto_result> results(count);
    std::vector<sotto_result*> pointers(count);
    for (std::size_t i = 0; i < count; ++i) {
        metrics[i].assign(metric_count + guard_values, unwritten);
        if (with_operations && candidates[i]->program != nullptr) {
            operation_values[i].assign(candidates[i]->program->operation_count * metric_count + guard_values,
                                       unwritten);
        }
        results[i] = {sizeof(sotto_result), unset_status, metrics[i].data(),
                      operation_values[i].empty() ? nullptr : operation_values[i].data(), texts[i].sink()};
        pointers[i] = &results[i];
    }
    plugin::ErrorText text;
    Call made;
    if (function == nullptr) {
        function = instance_->evaluate_batch;
    }
    guarded("evaluate_batch", [&] {
        made.status =
            function(instance_, candidates.data(), pointers.data(), static_cast<std::uint32_t>(count), text.sink());
    });
    made.text = text.text();
    for (std::size_t i = 0; i < count; ++i) {
        Record record;
        record.status = results[i].status;
        record.text = texts[i].text();
        record.was_altered =
            results[i].struct_size != sizeof(sotto_result) || results[i].metrics != metrics[i].data() ||
            results[i].operation_values != (operation_values[i].empty() ? nullptr : operation_values[i].data()) ||
            results[i].error != texts[i].sink();
        for (auto* values : {&metrics[i], &operation_values[i]}) {
            for (std::size_t j = 0; !values->empty() && j < guard_values; ++j) {
                record.was_altered = record.was_altered || !is_unwritten(values->back());
                values->pop_back();
            }
        }
        record.metrics = std::move(metrics[i]);
        record.operation_values = std::move(operation_values[i]);
        made.records.push_back(std::move(record));
    }
    return made;
}

std::vector<Record> Session::evaluate(std::span<const sotto_candidate* const> candidates) const {
    Call made = call(candidates);
    if (made.status != SOTTO_OK) {
        fail("evaluate_batch: " + plugin::status_text(made.status) + ": " +
             (made.text.empty() ? "no reason given" : made.text));
    }
    return std::move(made.records);
}

Record Session::evaluate(const sotto_candidate& candidate) const {
    const sotto_candidate* const one = &candidate;
    return evaluate({&one, 1}).front();
}

Bench::Bench(const Context& context) : library_(context) {
    library_.init();
    offered_ = library_.find(context);
    arguments_ = arguments_of(offered_.description, context.parameters);
}

Bench::~Bench() {
    static_cast<void>(plugin::fault_of_call("", "deinit", [&] { library_.deinit(); }));
}

std::unique_ptr<Session> Bench::session() {
    return std::make_unique<Session>(offered_, library_.host(), arguments_);
}

void expect_sound(const Record& record, const plugin::Description& description, const std::string& what) {
    if (record.status < SOTTO_OK || record.status > SOTTO_CANCELLED) {
        fail(what + ": found " + plugin::status_text(record.status) + ", expected a status of the ABI");
    }
    if (record.status != SOTTO_OK && record.status != SOTTO_UNSUPPORTED) {
        fail(what + ": found " + plugin::status_text(record.status) + " (" + record.text + "), expected a result");
    }
    for (std::size_t i = 0; record.status == SOTTO_OK && i < record.metrics.size(); ++i) {
        const double value = record.metrics[i];
        const plugin::Metric& metric = description.metrics[i];
        if (is_unwritten(value)) {
            fail(what + ": metric '" + metric.name + "' was not written");
        }
        if (!std::isfinite(value)) {
            fail(what + ": metric '" + metric.name + "': found " + number_text(value) + ", expected a finite number");
        }
        if (metric.non_negative && value < 0) {
            fail(what + ": metric '" + metric.name + "': found " + number_text(value) + ", expected 0 or more");
        }
    }
}

void expect_same(const Record& found, const Record& expected, const std::string& what) {
    if (!is_same(found, expected)) {
        fail(what + ": " + difference(found, expected));
    }
}

void expect_as_before(const Bench& bench, const Record& found, const Record& expected, const std::string& what) {
    expect_sound(found, bench.description(), what);
    if (bench.description().deterministic) {
        expect_same(found, expected, what);
    }
}

void expect_deterministic(const plugin::Description& description) {
    if (!description.deterministic) {
        skip("the plug-in does not declare that it is deterministic");
    }
}

}  // namespace sotto::check
