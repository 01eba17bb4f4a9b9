// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "engine/arch/network_yaml.hpp"
#include "engine/plugin/registry.hpp"
#include "tests/plugins/sdk/wrapper_models.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::sdk;
using sotto::matchers::contains_text;
using sotto::plugin::CandidateView;
using sotto::plugin::Kind;
using sotto::plugin::Registry;
using sotto::plugin::Score;

namespace {

// What the method of a class under test does is chosen by the candidate's seed.
enum Fault : std::uint64_t { none, unsupported, no_memory, plain, number, not_finite, negative, unwritten, beyond };

class Faulty final : public CostModel {
  public:
    static Declaration declare() { return tests::declaration_of("faulty", SOTTO_THREADS_SHARED); }
    Faulty(const Arguments& /*arguments*/, const Host& /*host*/) {}
    void evaluate(const Candidate& candidate, Values metrics) override {
        metrics[0] = 1;
        switch (static_cast<Fault>(candidate.seed())) {
            case none:
                break;
            case unsupported:
                throw Unsupported("operation 3: too new");
            case no_memory:
                throw std::bad_alloc();
            case plain:
                throw std::runtime_error("the table is damaged");
            case number:
                throw 42;
            case not_finite:
                metrics[0] = std::numeric_limits<double>::infinity();
                break;
            case negative:
                metrics[0] = -1;
                break;
            case unwritten:
                metrics[0] = std::numeric_limits<double>::quiet_NaN();
                break;
            case beyond:
                metrics[1] = 1;
                break;
        }
    }
};

struct Sink {
    Sink() {
        flat = {sizeof(sotto_error_sink), 0, this, [](const sotto_error_sink* sink, const char* given) {
                    static_cast<Sink*>(sink->host_data)->text = given;
                }};
    }
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    sotto_error_sink flat;
    std::string text;
};

const sotto_host test_host = {sizeof(sotto_host),
                              0,
                              nullptr,
                              "test",
                              [](const sotto_host*, std::int32_t, const char*) {},
                              [](const sotto_host*) { return std::int32_t{0}; },
                              [](const sotto_host*, std::uint32_t, void (*)(void*, std::uint32_t), void*) {
                                  return sotto_status{SOTTO_UNSUPPORTED};
                              },
                              [](const sotto_host*, const char*) -> const void* { return nullptr; }};

// An instance of a class, called as a host does.
template <typename Class>
struct Made {
    explicit Made(const std::vector<sotto_argument>& given = {}) {
        std::vector<const sotto_argument*> pointers;
        pointers.reserve(given.size());
        for (const sotto_argument& argument : given) {
            pointers.push_back(&argument);
        }
        Sink sink;
        REQUIRE(detail::Border<Class>::create(&test_host, pointers.data(), static_cast<std::uint32_t>(pointers.size()),
                                              &instance, &sink.flat) == SOTTO_OK);
    }
    ~Made() { instance->destroy(instance); }
    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;

    sotto_status score(const CandidateView& view, double& value, std::string& text) const {
        Sink own;
        Sink whole;
        const sotto_candidate* const candidate = &view.view();
        sotto_result result = {sizeof(sotto_result), -1, &value, nullptr, &own.flat};
        sotto_result* const record = &result;
        const sotto_status status = instance->evaluate_batch(instance, &candidate, &record, 1, &whole.flat);
        text = status == SOTTO_OK ? own.text : whole.text;
        return status == SOTTO_OK ? result.status : status;
    }

    sotto_instance* instance = nullptr;
};

sotto_argument argument(const char* name, const char* value) {
    return {sizeof(sotto_argument), 0, name, value};
}

std::vector<sotto_argument> everything(const char* price) {
    return {argument("price", price), argument("repeats", "1"), argument("doubled", "false"),
            argument("mode", "plain")};
}

secure::SecureProgram program_of(const std::vector<std::int64_t>& elements) {
    secure::SecureProgram program;
    for (const std::int64_t count : elements) {
        program.operations.emplace_back().elements = count;
    }
    return program;
}

}  // namespace

TEST_CASE("what a method throws becomes a status with its text") {
    const secure::SecureProgram program = program_of({1});
    const Made<Faulty> made;
    const auto outcome = [&](Fault fault) {
        CandidateView view;
        view.set(fault, nullptr, &program);
        double value = 0;
        std::string text;
        const sotto_status status = made.score(view, value, text);
        return std::to_string(status) + ' ' + text;
    };
    CHECK(outcome(none) == "0 ");
    CHECK(outcome(unsupported) == "1 operation 3: too new");
    CHECK(outcome(no_memory) == "3 out of memory");
    CHECK(outcome(plain) == "4 the table is damaged");
    CHECK(outcome(number) == "4 an exception of unknown type");
    CHECK(outcome(not_finite) ==
          "4 the plug-in broke the contract: metric 'latency.total_ms' is not written or not finite");
    CHECK(outcome(unwritten) ==
          "4 the plug-in broke the contract: metric 'latency.total_ms' is not written or not finite");
    CHECK(outcome(negative) == "4 the plug-in broke the contract: metric 'latency.total_ms' is negative");
    CHECK(outcome(beyond) == "4 the plug-in broke the contract: it writes value 1 of 1");
}

TEST_CASE("a kind that is not declared is unsupported before any method is asked") {
    struct Picky final : AdditiveCostModel {
        static Declaration declare() {
            Declaration declaration = tests::declaration_of("picky", SOTTO_THREADS_SHARED);
            declaration.operation_kinds = {SOTTO_OPERATION_RELU, 64, 1000};
            return declaration;
        }
        Picky(const Arguments& /*arguments*/, const Host& /*host*/) {}
        void price(const sotto_operation& operation, Values metrics) override { metrics[0] = operation.kind; }
    };
    const Made<Picky> made;
    sotto_operation operation{};
    operation.struct_size = sizeof operation;
    operation.elements = 1;
    const sotto_program program = {sizeof(sotto_program), sizeof(sotto_operation), 1, 0, &operation};
    const sotto_candidate candidate = {sizeof(sotto_candidate), 0, 1, nullptr, &program};
    const sotto_candidate* const pointer = &candidate;
    for (const std::int32_t kind :
         std::vector<std::int32_t>{SOTTO_OPERATION_RELU, 64, 1000, SOTTO_OPERATION_CONVOLUTION, 0, -1, 63, 65}) {
        CAPTURE(kind);
        operation.kind = kind;
        const bool is_declared = kind == SOTTO_OPERATION_RELU || kind == 64 || kind == 1000;
        Sink own;
        Sink whole;
        double value = 0;
        sotto_result result = {sizeof(sotto_result), -1, &value, nullptr, &own.flat};
        sotto_result* const record = &result;
        REQUIRE(made.instance->evaluate_batch(made.instance, &pointer, &record, 1, &whole.flat) == SOTTO_OK);
        CHECK(result.status == (is_declared ? SOTTO_OK : SOTTO_UNSUPPORTED));
        if (is_declared) {
            CHECK(value == kind);
        } else {
            const std::string which =
                kind == SOTTO_OPERATION_CONVOLUTION ? " (conv)" : ": kind " + std::to_string(kind);
            CHECK(own.text == "operation 0" + which + " is not one that this plug-in scores");
        }
    }
}

TEST_CASE("a host that breaks the contract is named for it") {
    const Made<Faulty> made;
    double value = 0;
    std::string text;
    CandidateView view;
    view.set(none, nullptr, nullptr);
    CHECK(made.score(view, value, text) == SOTTO_INVALID_ARGUMENT);
    CHECK_THAT(text, contains_text("the host broke the contract: the candidate lacks a view"));
    const secure::SecureProgram empty_operation = program_of({0});
    view.set(none, nullptr, &empty_operation);
    CHECK(made.score(view, value, text) == SOTTO_INVALID_ARGUMENT);
    CHECK_THAT(text, contains_text("the host broke the contract: operation 0"));
    Sink sink;
    sotto_instance* instance = nullptr;
    CHECK(detail::Border<tests::Everything>::create(&test_host, nullptr, 0, &instance, &sink.flat) ==
          SOTTO_INVALID_ARGUMENT);
    CHECK(instance == nullptr);
    CHECK_THAT(sink.text, contains_text("0 arguments for 4 parameters"));
}

TEST_CASE("parameters are declared and read by type") {
    Registry registry({});
    registry.add_built_in(detail::Library<tests::Everything, tests::LayerCount>::entry, "models");
    CHECK(registry.list().size() == 2);
    const plugin::Description& description = registry.describe(Kind::cost_model, "everything");
    REQUIRE(description.parameters.size() == 4);
    CHECK(description.parameters[0].default_value == "0.5");
    CHECK(description.parameters[3].choices == std::vector<std::string>{"plain", "rooted"});
    const secure::SecureProgram program = program_of({16, 9});
    CandidateView view;
    view.set(0, nullptr, &program);
    const CandidateView* const pointer = &view;
    const auto score = [&](const std::map<std::string, std::string>& arguments) {
        Score result;
        registry.create(Kind::cost_model, "everything", arguments)->evaluate({&pointer, 1}, {&result, 1});
        REQUIRE(result.metrics.size() == 1);
        return result.metrics[0];
    };
    CHECK(score({}) == 12.5);
    CHECK(score({{"price", "2"}, {"repeats", "3"}}) == 150);
    CHECK(score({{"price", "2"}, {"doubled", "true"}, {"mode", "rooted"}}) == 28);
}

TEST_CASE("overridden methods are offered as extensions, others are not") {
    const Made<tests::Everything> all(everything("0.5"));
    const Made<Faulty> bare;
    for (const char* id : {SOTTO_PER_OPERATION_EXTENSION, SOTTO_UNCERTAINTY_EXTENSION, SOTTO_CALIBRATE_EXTENSION,
                           SOTTO_INCREMENTAL_EXTENSION}) {
        CAPTURE(id);
        CHECK(all.instance->get_extension(all.instance, id) != nullptr);
        CHECK(bare.instance->get_extension(bare.instance, id) == nullptr);
    }
    CHECK(all.instance->get_extension(all.instance, "sotto.per-operation/10") == nullptr);
}

TEST_CASE("a state is saved with its owner, loaded again, and refused where a byte is wrong") {
    const Made<tests::Everything> first(everything("2"));
    const Made<tests::Everything> second(everything("1"));
    const auto& calibrate =
        *static_cast<const sotto_calibrate*>(first.instance->get_extension(first.instance, SOTTO_CALIBRATE_EXTENSION));
    Sink sink;
    std::uint64_t size = 0;
    REQUIRE(calibrate.save(first.instance, nullptr, 0, &size, &sink.flat) == SOTTO_OK);
    std::string bytes(size, '\0');
    REQUIRE(calibrate.save(first.instance, bytes.data(), size, &size, &sink.flat) == SOTTO_OK);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::string spoilt = bytes;
        spoilt[i] = static_cast<char>(spoilt[i] ^ 1);
        CHECK(calibrate.load(second.instance, spoilt.data(), spoilt.size(), &sink.flat) == SOTTO_INVALID_ARGUMENT);
        CHECK(calibrate.load(second.instance, bytes.data(), i, &sink.flat) == SOTTO_INVALID_ARGUMENT);
    }
    const secure::SecureProgram program = program_of({10});
    CandidateView view;
    view.set(0, nullptr, &program);
    double value = 0;
    std::string text;
    CHECK(second.score(view, value, text) == SOTTO_OK);
    CHECK(value == 10);
    CHECK(calibrate.load(second.instance, bytes.data(), bytes.size(), &sink.flat) == SOTTO_OK);
    CHECK(second.score(view, value, text) == SOTTO_OK);
    CHECK(value == 20);
}

TEST_CASE("parallel_for of the host is used where it is offered, and its refusal makes no difference") {
    const arch::Network network = arch::read_network_file(SOTTO_SOURCE_DIRECTORY "/configs/networks/squeezenet.yaml");
    CandidateView view;
    view.set(0, &network, nullptr);
    const CandidateView* const pointer = &view;
    const auto layers = [&](const plugin::HostServices& services) {
        Registry registry(services);
        registry.add_built_in(detail::Library<tests::LayerCount>::entry, "models");
        Score score;
        registry.create(Kind::accuracy_proxy, "layer-count", {})->evaluate({&pointer, 1}, {&score, 1});
        REQUIRE(score.status == Score::Status::ok);
        return score.metrics.at(0);
    };
    std::uint32_t asked = 0;
    plugin::HostServices parallel;
    parallel.parallel_for = [&](std::uint32_t count, const std::function<void(std::uint32_t)>& body) {
        asked = count;
        std::thread odd([&] {
            for (std::uint32_t i = 1; i < count; i += 2) {
                body(i);
            }
        });
        for (std::uint32_t i = 0; i < count; i += 2) {
            body(i);
        }
        odd.join();
        return true;
    };
    CHECK(layers(parallel) == static_cast<double>(network.size()));
    CHECK(asked == network.size());
    CHECK(layers({}) == static_cast<double>(network.size()));
}
