// SPDX-License-Identifier: Apache-2.0
// The plug-in as a host sees it, through its C interface.
#include "cost_models/protocol/protocol_plugin.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "cost_models/protocol/predictor.hpp"
#include "cost_models/protocol/shipped_models.hpp"
#include "tests/cost_models/protocol/operations.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::protocol;
using namespace sotto::protocol::test;
using sotto::matchers::contains_text;

namespace {

constexpr std::size_t metric_count = 6;
using Metrics = std::array<double, metric_count>;
using Program = std::vector<sotto_operation>;

struct Answer {
    sotto_status status = SOTTO_INTERNAL;
    Metrics metrics{};
    std::string reason;
};

struct Sink {
    sotto_error_sink flat{};
    std::string text;

    Sink() {
        flat.struct_size = sizeof flat;
        flat.host_data = this;
        flat.report = [](const sotto_error_sink* sink, const char* reason) {
            static_cast<Sink*>(sink->host_data)->text = reason;
        };
    }
};

struct Candidate {
    sotto_program program{};
    sotto_candidate flat{};

    explicit Candidate(const Program& operations) {
        program = {sizeof program, sizeof(sotto_operation), static_cast<std::uint32_t>(operations.size()), 0,
                   operations.data()};
        flat.struct_size = sizeof flat;
        flat.program = &program;
    }
    Candidate(const Candidate&) = delete;
    Candidate& operator=(const Candidate&) = delete;
};

class Plugin {
  public:
    using Settings = std::map<std::string, std::string>;

    explicit Plugin(const Settings& settings = {}) {
        host_.struct_size = sizeof host_;
        host_.host_data = this;
        host_.name = "test";
        host_.log = [](const sotto_host* host, std::int32_t level, const char* text) {
            if (level == SOTTO_LOG_WARNING) {
                static_cast<Plugin*>(host->host_data)->warnings.emplace_back(text);
            }
        };
        host_.is_cancelled = [](const sotto_host*) { return std::int32_t{0}; };
        host_.parallel_for = [](const sotto_host*, std::uint32_t, void (*)(void*, std::uint32_t), void*) {
            return sotto_status{SOTTO_UNSUPPORTED};
        };
        host_.get_extension = [](const sotto_host*, const char*) { return static_cast<const void*>(nullptr); };
        const sotto_factory* const factory = protocol_plugin_entry().get_factory(SOTTO_COST_MODEL_FACTORY);
        const sotto_descriptor& described = *factory->descriptor(factory, 0);
        std::vector<sotto_argument> arguments;
        std::vector<const sotto_argument*> pointers;
        for (std::uint32_t i = 0; i < described.parameter_count; ++i) {
            const sotto_parameter& parameter = described.parameters[i];
            const auto found = settings.find(parameter.name);
            arguments.push_back({sizeof(sotto_argument), 0, parameter.name,
                                 found == settings.end() ? parameter.default_value : found->second.c_str()});
        }
        for (const sotto_argument& argument : arguments) {
            pointers.push_back(&argument);
        }
        Sink sink;
        status = factory->create(factory, &host_, "protocol", pointers.data(),
                                 static_cast<std::uint32_t>(pointers.size()), &instance, &sink.flat);
        reason = sink.text;
    }
    ~Plugin() {
        if (instance != nullptr) {
            instance->destroy(instance);
        }
    }
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;

    template <typename Extension>
    const Extension& extension(const char* id) const {
        const void* const found = instance->get_extension(instance, id);
        REQUIRE(found != nullptr);
        return *static_cast<const Extension*>(found);
    }

    Answer ask(const Program& program, sotto_evaluate_batch evaluate, std::vector<double>* operations = nullptr) const {
        const Candidate candidate(program);
        Answer answer;
        Sink sink;
        sotto_result result{sizeof result, SOTTO_INTERNAL, answer.metrics.data(), nullptr, &sink.flat};
        if (operations != nullptr) {
            operations->assign(program.size() * metric_count, -1);
            result.operation_values = operations->data();
        }
        const sotto_candidate* const one = &candidate.flat;
        sotto_result* const into = &result;
        CHECK(evaluate(instance, &one, &into, 1, &sink.flat) == SOTTO_OK);
        answer.status = result.status;
        answer.reason = sink.text;
        return answer;
    }
    Answer score(const Program& program) const { return ask(program, instance->evaluate_batch); }
    Metrics metrics(const Program& program) const {
        const Answer answer = score(program);
        INFO(answer.reason);
        REQUIRE(answer.status == SOTTO_OK);
        return answer.metrics;
    }

    std::string state() const {
        const auto& calibrate = extension<sotto_calibrate>(SOTTO_CALIBRATE_EXTENSION);
        Sink sink;
        std::uint64_t size = 0;
        REQUIRE(calibrate.save(instance, nullptr, 0, &size, &sink.flat) == SOTTO_OK);
        std::string bytes(size, '\0');
        REQUIRE(calibrate.save(instance, bytes.data(), bytes.size(), &size, &sink.flat) == SOTTO_OK);
        return bytes;
    }
    sotto_status load(const std::string& bytes) const {
        Sink sink;
        return extension<sotto_calibrate>(SOTTO_CALIBRATE_EXTENSION)
            .load(instance, bytes.data(), bytes.size(), &sink.flat);
    }

    sotto_instance* instance = nullptr;
    sotto_status status = SOTTO_INTERNAL;
    std::string reason;
    std::vector<std::string> warnings;

  private:
    sotto_host host_{};
};

Plugin::Settings of_engine(const std::string& engine) {
    Plugin::Settings settings;
    settings["engine"] = engine;
    return settings;
}

const std::vector<Plugin::Settings> shipped = {
    {{"setting", "local"}, {"engine", "opencheetah-2022"}}, {{"setting", "lan"}, {"engine", "opencheetah-2022"}},
    {{"setting", "wan"}, {"engine", "opencheetah-2022"}},   {{"setting", "local"}, {"engine", "opencheetah-2023"}},
    {{"setting", "lan"}, {"engine", "opencheetah-2023"}},   {{"setting", "wan"}, {"engine", "opencheetah-2023"}}};

Program large_network() {
    Program program;
    for (int i = 0; i < 8; ++i) {
        const Program more = small_network();
        program.insert(program.end(), more.begin(), more.end());
    }
    return program;
}

// Measurements of single operations: what `truth` says of them.
struct Measurements {
    Measurements(const Plugin& truth, const Program& program) : candidate(program) {
        std::vector<double> values;
        truth.ask(program, truth.extension<sotto_per_operation>(SOTTO_PER_OPERATION_EXTENSION).evaluate_batch, &values);
        for (std::uint32_t i = 0; i < program.size(); ++i) {
            for (std::uint32_t metric = 0; metric < 2; ++metric) {
                all.push_back(
                    {sizeof(sotto_measurement), metric, i, 0, values[i * metric_count + metric], 0, &candidate.flat});
            }
        }
    }

    sotto_status fit(const Plugin& plugin) {
        std::vector<const sotto_measurement*> pointers;
        for (const sotto_measurement& one : all) {
            pointers.push_back(&one);
        }
        Sink sink;
        return plugin.extension<sotto_calibrate>(SOTTO_CALIBRATE_EXTENSION)
            .fit(plugin.instance, pointers.data(), static_cast<std::uint32_t>(pointers.size()), &sink.flat);
    }

    Candidate candidate;
    std::vector<sotto_measurement> all;
};

}  // namespace

TEST_CASE("Per-operation values of every shipped model add up to its metrics") {
    for (const Plugin::Settings& settings : shipped) {
        const Plugin plugin(settings);
        INFO(settings.at("engine") << ' ' << settings.at("setting") << ' ' << plugin.reason);
        REQUIRE(plugin.status == SOTTO_OK);
        const Program program = large_network();
        std::vector<double> values;
        const Answer answer = plugin.ask(
            program, plugin.extension<sotto_per_operation>(SOTTO_PER_OPERATION_EXTENSION).evaluate_batch, &values);
        REQUIRE(answer.status == SOTTO_OK);
        CHECK(answer.metrics == plugin.metrics(program));
        Metrics sums{};
        for (std::size_t i = 0; i < values.size(); ++i) {
            sums[i % metric_count] += values[i];
        }
        for (std::size_t m = 0; m < metric_count; ++m) {
            CHECK(sums[m] == Approx(answer.metrics[m]).epsilon(1e-12));
            CHECK(answer.metrics[m] > 0);
        }
        // The total is that of the slower party, of the whole program or of each operation.
        CHECK(answer.metrics[2] >= std::max(answer.metrics[0], answer.metrics[1]) * (1 - 1e-12));
    }
}

TEST_CASE("A child that shares a prefix is scored as the whole is") {
    for (const Plugin::Settings& settings : shipped) {
        const Plugin plugin(settings);
        const auto& incremental = plugin.extension<sotto_incremental>(SOTTO_INCREMENTAL_EXTENSION);
        const Program parent = large_network();
        const auto evaluate = [&](const Program& program, const sotto_prefix* prefix, sotto_incremental_state** kept) {
            const Candidate candidate(program);
            Metrics metrics{};
            Sink sink;
            sotto_result result{sizeof result, SOTTO_INTERNAL, metrics.data(), nullptr, &sink.flat};
            CHECK(incremental.evaluate(plugin.instance, prefix, &candidate.flat, &result, kept, &sink.flat) ==
                  SOTTO_OK);
            REQUIRE(result.status == SOTTO_OK);
            return metrics;
        };
        sotto_incremental_state* kept = nullptr;
        CHECK(evaluate(parent, nullptr, &kept) == plugin.metrics(parent));
        REQUIRE(kept != nullptr);
        for (const std::uint32_t shared : {0U, 1U, 7U, 63U, 143U, 144U}) {
            Program child(parent.begin(), parent.begin() + shared);
            child.push_back(max_pool({16, 28, 28}, 2));
            child.push_back(relu(5000, true));
            const sotto_prefix prefix{sizeof prefix, 0, kept, shared, 0};
            sotto_incremental_state* of_child = nullptr;
            INFO(shared);
            CHECK(evaluate(child, &prefix, &of_child) == plugin.metrics(child));
            Program grandchild = child;
            grandchild.push_back(truncation(5000));
            const sotto_prefix longer{sizeof longer, 0, of_child, static_cast<std::uint32_t>(child.size()), 0};
            CHECK(evaluate(grandchild, &longer, nullptr) == plugin.metrics(grandchild));
            incremental.release(plugin.instance, of_child);
        }
        incremental.release(plugin.instance, kept);
    }
}

TEST_CASE("Another link is answered by bytes and messages, with one warning") {
    const Program program = large_network();
    const Plugin wan({{"setting", "wan"}, {"engine", "opencheetah-2023"}});
    CHECK(wan.warnings.empty());
    const Plugin slow({{"setting", "wan"}, {"engine", "opencheetah-2023"}, {"bandwidth_mbps", "190"}});
    const Plugin slower({{"setting", "wan"}, {"engine", "opencheetah-2023"}, {"bandwidth_mbps", "95"}});
    const Plugin far({{"setting", "wan"}, {"engine", "opencheetah-2023"}, {"rtt_ms", "30"}});
    const Plugin farther({{"setting", "wan"}, {"engine", "opencheetah-2023"}, {"rtt_ms", "50"}});
    slow.metrics(program);
    REQUIRE(slow.warnings.size() == 1);
    CHECK_THAT(slow.warnings[0], contains_text("fitted on 'wan' (380 Mbit/s, 10 ms)"));
    const Metrics at_380 = wan.metrics(program);
    const Metrics at_190 = slow.metrics(program);
    const Metrics at_95 = slower.metrics(program);
    // Linear in the time of a byte, and for the client within a fifth of what the bytes take.
    CHECK(at_95[0] - at_190[0] == Approx(2 * (at_190[0] - at_380[0])).epsilon(1e-9));
    CHECK(at_190[0] - at_380[0] == Approx((at_380[3] + at_380[4]) * 8e-3 / 380).epsilon(0.2));
    CHECK(far.metrics(program)[0] - at_380[0] == Approx(at_380[5] * 20).epsilon(0.2));
    CHECK(farther.metrics(program)[0] - far.metrics(program)[0] ==
          Approx(far.metrics(program)[0] - at_380[0]).epsilon(1e-9));
    // What is sent does not depend on the link.
    CHECK(at_190[3] == at_380[3]);
    CHECK(at_190[5] == at_380[5]);
    const Plugin same(
        {{"setting", "wan"}, {"engine", "opencheetah-2023"}, {"bandwidth_mbps", "380"}, {"rtt_ms", "10"}});
    CHECK(same.warnings.empty());
    CHECK(same.metrics(program) == at_380);
}

TEST_CASE("Another bit length changes what is counted, with one warning") {
    const Plugin shorter({{"setting", "lan"}, {"engine", "opencheetah-2023"}, {"bit_length", "37"}});
    REQUIRE(shorter.warnings.size() == 1);
    const Plugin plugin({{"setting", "lan"}, {"engine", "opencheetah-2023"}});
    const Program program = {relu(80000, true)};
    // 32.75 and 39.75 bytes an element (docs/protocol_counts.md) and few blocks.
    const Metrics at_37 = shorter.metrics(program);
    const Metrics at_41 = plugin.metrics(program);
    CHECK(at_37[3] + at_37[4] == Approx(80000 * 32.75).epsilon(1e-3));
    CHECK(at_41[3] + at_41[4] == Approx(80000 * 39.75).epsilon(1e-3));
    CHECK(at_37[0] < at_41[0]);
    const Plugin impossible({{"engine", "opencheetah-2023"}, {"bit_length", "20"}});
    CHECK(impossible.status == SOTTO_INVALID_ARGUMENT);
    CHECK_THAT(impossible.reason, contains_text("bit_length"));
}

TEST_CASE("What was not measured is unsupported by name and nonsense is invalid") {
    const Plugin plugin(of_engine("opencheetah-2023"));
    Program program = small_network();
    sotto_operation operation = relu(1000, false);
    operation.kind = SOTTO_OPERATION_ARGMAX;
    operation.input = {1000, 1, 1};
    program.push_back(operation);
    const Answer argmax = plugin.score(program);
    CHECK(argmax.status == SOTTO_UNSUPPORTED);
    CHECK_THAT(argmax.reason, contains_text("operation 18 (argmax"));
    operation.kind = SOTTO_OPERATION_MULTIPLY;
    program.back() = operation;
    const Answer product = plugin.score(program);
    CHECK(product.status == SOTTO_UNSUPPORTED);
    CHECK_THAT(product.reason, contains_text("an elementwise product was not measured"));
    // The published measurements have elementwise products.
    CHECK(Plugin(of_engine("opencheetah-2022")).score(program).status == SOTTO_OK);

    program = {convolution({3, 8, 8}, 4, 3, 1, 0)};
    program[0].window.stride_height = 0;
    CHECK(plugin.score(program).status == SOTTO_INVALID_ARGUMENT);
    CHECK(plugin.metrics({}) == Metrics{});
}

TEST_CASE("A model that does not ship is refused with those that do") {
    const Plugin plugin(of_engine("opencheetah-2021"));
    CHECK(plugin.status == SOTTO_INVALID_ARGUMENT);
    CHECK_THAT(plugin.reason, contains_text("'opencheetah-2022 lan'"));
}

TEST_CASE("Standard deviations are those of the model file") {
    for (const Plugin::Settings& settings : shipped) {
        const Plugin plugin(settings);
        const Program program = large_network();
        const Answer deviations =
            plugin.ask(program, plugin.extension<sotto_uncertainty>(SOTTO_UNCERTAINTY_EXTENSION).evaluate_batch);
        REQUIRE(deviations.status == SOTTO_OK);
        const Metrics metrics = plugin.metrics(program);
        const auto opened = sotto::model_file::open_model(
            "protocol", {settings.at("setting"), settings.at("engine"), ""}, shipped_models());
        const Coefficients coefficients = read_coefficients(opened.model, opened.name);
        CHECK(deviations.metrics[2] == Approx(coefficients.total.relative * metrics[2] *
                                              std::sqrt(1 + coefficients.total.short_ms / metrics[2])));
        // Between run-to-run noise and uselessness.
        CHECK(deviations.metrics[2] / metrics[2] > 0.005);
        CHECK(deviations.metrics[2] / metrics[2] < 0.1);
    }
}

TEST_CASE("A calibrated state survives in another instance and garbage is refused") {
    const Program program = large_network();
    const Plugin truth({{"setting", "local"}, {"engine", "opencheetah-2023"}});
    const Plugin plugin({{"setting", "wan"}, {"engine", "opencheetah-2023"}});
    const Metrics before = plugin.metrics(program);
    const std::string untouched = plugin.state();
    Measurements measured(truth, program);
    REQUIRE(measured.fit(plugin) == SOTTO_OK);
    const Metrics after = plugin.metrics(program);
    CHECK(std::fabs(after[0] / truth.metrics(program)[0] - 1) < 0.15);
    CHECK(before[0] > 1.5 * truth.metrics(program)[0]);
    CHECK(after[3] == before[3]);
    REQUIRE(measured.fit(plugin) == SOTTO_OK);
    CHECK(plugin.metrics(program) == after);  // replaces what was fitted before

    const std::string state = plugin.state();
    const Plugin other({{"setting", "wan"}, {"engine", "opencheetah-2023"}});
    REQUIRE(other.load(state) == SOTTO_OK);
    CHECK(other.metrics(program) == after);
    CHECK(other.state() == state);
    for (std::size_t cut = 0; cut < state.size(); cut += 97) {
        CHECK(other.load(state.substr(0, cut)) == SOTTO_INVALID_ARGUMENT);
        std::string changed = state;
        changed[cut] = static_cast<char>(changed[cut] ^ 1);
        CHECK(other.load(changed) == SOTTO_INVALID_ARGUMENT);
    }
    CHECK(Plugin({{"setting", "lan"}, {"engine", "opencheetah-2023"}}).load(state) == SOTTO_INVALID_ARGUMENT);
    CHECK(other.metrics(program) == after);
    REQUIRE(other.load(untouched) == SOTTO_OK);
    CHECK(other.metrics(program) == before);
}

TEST_CASE("What was calibrated on a link is not extrapolated on it but on others") {
    const Program program = large_network();
    const auto deviation = [&](const Plugin& plugin) {
        const Answer answer =
            plugin.ask(program, plugin.extension<sotto_uncertainty>(SOTTO_UNCERTAINTY_EXTENSION).evaluate_batch);
        REQUIRE(answer.status == SOTTO_OK);
        return answer.metrics[2];
    };
    const Plugin truth({{"setting", "wan"}, {"engine", "opencheetah-2023"}});
    const Plugin::Settings on_wan = {
        {"setting", "lan"}, {"engine", "opencheetah-2023"}, {"bandwidth_mbps", "380"}, {"rtt_ms", "10"}};
    const Plugin there(on_wan);
    const std::string untouched = there.state();
    const double extrapolated = deviation(there);
    Measurements measured(truth, program);
    REQUIRE(measured.fit(there) == SOTTO_OK);
    const auto opened = sotto::model_file::open_model("protocol", {"lan", "opencheetah-2023", ""}, shipped_models());
    const Spread spread = read_coefficients(opened.model, opened.name).total;
    // docs/cost_models.md: 3 % is what few operations leave open.
    const double total = there.metrics(program)[2];
    CHECK(deviation(there) ==
          Approx(std::hypot(spread.relative, 0.03) * total * std::sqrt(1 + spread.short_ms / total)));

    // On the link of its setting the same prices are extrapolated.
    const Plugin back({{"setting", "lan"}, {"engine", "opencheetah-2023"}});
    const double own = deviation(back);
    REQUIRE(back.load(there.state()) == SOTTO_OK);
    const double total_back = back.metrics(program)[2];
    CHECK(deviation(back) >
          std::hypot(spread.relative, 0.03) * total_back * std::sqrt(1 + spread.short_ms / total_back));
    REQUIRE(back.load(untouched) == SOTTO_OK);
    CHECK(deviation(back) == own);
    REQUIRE(there.load(untouched) == SOTTO_OK);
    CHECK(deviation(there) == extrapolated);
}

TEST_CASE("Measurements that cannot be fitted are refused and change nothing") {
    const Program program = large_network();
    const Plugin plugin;
    const std::string state = plugin.state();
    Measurements few(plugin, {relu(1000, true)});
    CHECK(few.fit(plugin) == SOTTO_INVALID_ARGUMENT);
    Measurements bytes(plugin, program);
    bytes.all[3].metric = 3;
    CHECK(bytes.fit(plugin) == SOTTO_INVALID_ARGUMENT);
    Measurements whole(plugin, program);
    whole.all[5].operation = SOTTO_WHOLE_PROGRAM;
    CHECK(whole.fit(plugin) == SOTTO_INVALID_ARGUMENT);
    Measurements beyond(plugin, program);
    beyond.all[5].operation = static_cast<std::uint32_t>(program.size());
    CHECK(beyond.fit(plugin) == SOTTO_INVALID_ARGUMENT);
    CHECK(plugin.state() == state);
}

// Independent of the fit: the same prices on the counts of another ring stand for an engine of another bit length.
TEST_CASE("Calibrated from 80 operations of another bit length totals are within 15 percent") {
    const Program program = large_network();
    const Program few(program.begin(), program.begin() + 80);
    for (const char* setting : {"local", "lan", "wan"}) {
        const Plugin truth({{"setting", setting}, {"engine", "opencheetah-2023"}, {"bit_length", "37"}});
        const Plugin plugin({{"setting", setting}, {"engine", "opencheetah-2023"}});
        Measurements measured(truth, few);
        REQUIRE(measured.fit(plugin) == SOTTO_OK);
        CHECK(plugin.metrics(program)[2] == Approx(truth.metrics(program)[2]).epsilon(0.15));
    }
}

TEST_CASE("One instance gives several threads the same answers") {
    const Plugin plugin;
    const Program program = large_network();
    const Metrics expected = plugin.metrics(program);
    std::array<int, 4> equal{};
    std::vector<std::thread> threads;
    for (int& count : equal) {
        threads.emplace_back([&plugin, &program, &expected, &count] {
            for (int i = 0; i < 100; ++i) {
                const Candidate candidate(program);
                Metrics metrics{};
                Sink sink;
                sotto_result result{sizeof result, SOTTO_INTERNAL, metrics.data(), nullptr, &sink.flat};
                const sotto_candidate* const one = &candidate.flat;
                sotto_result* const into = &result;
                plugin.instance->evaluate_batch(plugin.instance, &one, &into, 1, &sink.flat);
                count += metrics == expected ? 1 : 0;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(equal == std::array<int, 4>{100, 100, 100, 100});
}
