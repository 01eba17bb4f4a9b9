// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/arch/network_builder.hpp"
#include "engine/arch/network_yaml.hpp"
#include "engine/plugin/isolation/candidate_message.hpp"
#include "engine/plugin/isolation/isolated_instance.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/secure/lowering.hpp"
#include "tests/engine/plugin/message_of.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::plugin;
using sotto::matchers::contains_text;

namespace {

const std::string folder = SOTTO_TEST_PLUGINS "/";
const std::string host_program = SOTTO_BINARY_DIRECTORY "/bin/sotto-plugin-host";

HostServices services() {
    HostServices made;
    made.plugin_host = host_program;
    return made;
}

Isolation process(double timeout_s = 60) {
    Isolation isolation;
    isolation.mode = Isolation::Mode::process;
    isolation.timeout_s = timeout_s;
    return isolation;
}

secure::SecureProgram one_relu() {
    secure::SecureProgram program;
    secure::Operation operation;
    operation.kind = secure::OperationKind::relu;
    operation.elements = 64;
    program.operations.push_back(operation);
    return program;
}

// Candidates with the given seeds and one operation each.
struct Batch {
    explicit Batch(const std::vector<std::uint64_t>& seeds) : scores(seeds.size()) {
        for (const std::uint64_t seed : seeds) {
            views.push_back(std::make_unique<CandidateView>());
            views.back()->set(seed, nullptr, &program);
            pointers.push_back(views.back().get());
        }
    }
    const secure::SecureProgram program = one_relu();
    std::vector<std::unique_ptr<CandidateView>> views;
    std::vector<const CandidateView*> pointers;
    std::vector<Score> scores;
};

// Scores seeds 1, 13, 2 with the fault, checks that 1 and 2 are not harmed, and returns the score of 13.
Score misbehave(const std::string& fault, const Isolation& isolation = process()) {
    Registry registry(services());
    registry.scan_library(folder + "test_plugin_ending.so");
    const auto instance = registry.create(Kind::cost_model, "ending", {{"fault", fault}}, isolation);
    Batch batch({1, 13, 2});
    instance->evaluate(batch.pointers, batch.scores);
    for (const std::size_t i : {std::size_t{0}, std::size_t{2}}) {
        CHECK(batch.scores[i].status == Score::Status::ok);
        CHECK(batch.scores[i].reason.empty());
        REQUIRE(batch.scores[i].metrics.size() == 2);
        CHECK(batch.scores[i].metrics[0] == (i == 0 ? 3.0 : 6.0));
    }
    return batch.scores[1];
}

void check_failed(const Score& score, const std::string& reason) {
    CHECK(score.status == Score::Status::failed);
    CHECK(score.metrics.empty());
    CHECK_THAT(score.reason, contains_text("cost model 'ending' (") && contains_text("test_plugin_ending.so"));
    CHECK_THAT(score.reason, contains_text(reason));
}

bool is_loaded_here(const std::string& library) {
    void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_NOLOAD);
    if (handle != nullptr) {
        dlclose(handle);
    }
    return handle != nullptr;
}

}  // namespace

TEST_CASE("an isolated plug-in is not loaded into this process") {
    const std::string library = folder + "test_plugin_scanned.so";
    Registry registry(services());
    registry.scan_library(library);
    const auto instance = registry.create(Kind::cost_model, "ending", {}, process());
    REQUIRE(registry.list().size() == 1);
    CHECK(registry.list().front().metrics.size() == 2);
    CHECK(instance->describe().metrics.front().name == "triple");
    Batch batch({5});
    instance->evaluate(batch.pointers, batch.scores);
    CHECK(batch.scores[0].metrics == std::vector<double>{15, 1});
    CHECK_FALSE(is_loaded_here(library));
    CHECK(registry.create(Kind::cost_model, "ending", {}) != nullptr);
    CHECK(is_loaded_here(library));
}

TEST_CASE("a scan tells what loading would") {
    Registry loaded({});
    loaded.load_library(folder + "test_plugin_plain_c.so");
    Registry scanned(services());
    scanned.scan_library(folder + "test_plugin_plain_c.so");
    const auto expected = loaded.list();
    const auto found = scanned.list();
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i].id == expected[i].id);
        CHECK(found[i].version == expected[i].version);
        CHECK(found[i].library == expected[i].library);
        CHECK(found[i].thread_level == expected[i].thread_level);
        CHECK(found[i].needs_program == expected[i].needs_program);
        CHECK(found[i].typical_cost_us == expected[i].typical_cost_us);
        CHECK(found[i].operation_kinds == expected[i].operation_kinds);
        REQUIRE(found[i].metrics.size() == expected[i].metrics.size());
        for (std::size_t k = 0; k < found[i].metrics.size(); ++k) {
            CHECK(found[i].metrics[k].name == expected[i].metrics[k].name);
            CHECK(found[i].metrics[k].unit == expected[i].metrics[k].unit);
            CHECK(found[i].metrics[k].is_sum == expected[i].metrics[k].is_sum);
        }
        REQUIRE(found[i].parameters.size() == expected[i].parameters.size());
        for (std::size_t k = 0; k < found[i].parameters.size(); ++k) {
            CHECK(found[i].parameters[k].name == expected[i].parameters[k].name);
            CHECK(found[i].parameters[k].required == expected[i].parameters[k].required);
            CHECK(found[i].parameters[k].choices == expected[i].parameters[k].choices);
        }
    }
}

TEST_CASE("a library that cannot be loaded is refused with the same words from its own process") {
    for (const char* name : {"wrong_version", "short_entry", "missing_symbol", "init_throws", "init_fails"}) {
        CAPTURE(name);
        const std::string library = folder + "test_plugin_" + name + ".so";
        Registry loads({});
        Registry scans(services());
        CHECK(message_of([&] { scans.scan_library(library); }) == message_of([&] { loads.load_library(library); }));
    }
    Registry registry(services());
    CHECK_THAT(message_of([&] { registry.scan_library(folder + "test_plugin_dies_in_init.so"); }),
               contains_text("test_plugin_dies_in_init.so") && contains_text("killed by signal 9"));
    registry.scan_library(folder + "test_plugin_plain_c.so");
    CHECK_THAT(message_of([&] { registry.scan_library(folder + "test_plugin_plain_c_again.so"); }),
               contains_text("plain-counter") && contains_text("offers already"));
}

TEST_CASE("isolated or not, a plug-in gives the same scores") {
    const std::string library = folder + "test_plugin_misbehaving.so";
    Registry loads({});
    loads.load_library(library);
    Registry scans(services());
    scans.scan_library(library);
    for (const char* id : {"throws", "gives-nan", "gives-negative", "forgets-metric", "forgets-status", "fails",
                           "fails-batch", "cancels", "writes-too-many"}) {
        CAPTURE(id);
        const auto here = loads.create(Kind::cost_model, id, {});
        const auto there = scans.create(Kind::cost_model, id, {}, process());
        Batch expected({1, 13, 2, 0xffff'ffff'ffff'ffffU});
        Batch found({1, 13, 2, 0xffff'ffff'ffff'ffffU});
        here->evaluate(expected.pointers, expected.scores);
        there->evaluate(found.pointers, found.scores);
        for (std::size_t i = 0; i < 4; ++i) {
            CHECK(found.scores[i].status == expected.scores[i].status);
            CHECK(found.scores[i].reason == expected.scores[i].reason);
            CHECK(found.scores[i].metrics == expected.scores[i].metrics);
        }
    }
    Batch one({1});
    CHECK_THAT(
        message_of([&] { scans.create(Kind::cost_model, "throws", {}, process())->per_operation(*one.views[0]); }),
        contains_text("no breakdown today"));
    for (const auto& [id, seed] :
         {std::pair{"fails", 0U}, {"fails", 1U}, {"gives-nan", 13U}, {"writes-too-many", 13U}}) {
        CAPTURE(id, seed);
        Batch candidate({seed});
        const auto deviations = [&](const Instance& instance) {
            std::vector<double> found;
            const std::string message =
                message_or_empty([&] { found = instance.standard_deviations(*candidate.views[0]); });
            return std::pair{found, message};
        };
        CHECK(deviations(*scans.create(Kind::cost_model, id, {}, process())) ==
              deviations(*loads.create(Kind::cost_model, id, {})));
    }
}

TEST_CASE("a network and its program cross the border byte by byte") {
    const arch::Network network = arch::read_network_file(SOTTO_SOURCE_DIRECTORY "/configs/networks/squeezenet.yaml");
    secure::SecureProgram program;
    REQUIRE_FALSE(secure::Lowering("athos-cheetah").lower(network, program));
    CandidateView sent;
    sent.set(0x0123'4567'89ab'cdefU, &network, &program);
    isolation::MessageWriter message;
    message.number(std::uint32_t{7});  // so that nothing begins aligned
    write(message, sent);
    isolation::MessageReader reader(message.bytes());
    CHECK(reader.number<std::uint32_t>() == 7);
    CandidateView received;
    read_candidate(reader, received);
    reader.require_end();
    const sotto_candidate& expected = sent.view();
    const sotto_candidate& found = received.view();
    CHECK(found.seed == expected.seed);
    REQUIRE(found.network->layer_count == expected.network->layer_count);
    REQUIRE(found.network->operand_count == expected.network->operand_count);
    REQUIRE(found.program->operation_count == expected.program->operation_count);
    CHECK(found.network->output_layer == expected.network->output_layer);
    CHECK(std::memcmp(found.network->layers, expected.network->layers,
                      sizeof(sotto_layer) * expected.network->layer_count) == 0);
    CHECK(std::memcmp(found.network->operand_layers, expected.network->operand_layers,
                      sizeof(std::uint32_t) * expected.network->operand_count) == 0);
    CHECK(std::memcmp(found.program->operations, expected.program->operations,
                      sizeof(sotto_operation) * expected.program->operation_count) == 0);
}

TEST_CASE("a message that is cut short or spoiled is refused, and never read beyond its end") {
    const arch::Network network = arch::read_network_file(SOTTO_SOURCE_DIRECTORY "/configs/networks/squeezenet.yaml");
    CandidateView sent;
    sent.set(1, &network, nullptr);
    isolation::MessageWriter message;
    write(message, sent);
    const std::vector<std::byte> whole(message.bytes().begin(), message.bytes().end());
    CandidateView received;
    for (std::size_t size = 0; size < whole.size(); size += 3) {
        const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        isolation::MessageReader reader(cut);
        CHECK_THROWS_AS(read_candidate(reader, received), isolation::ProtocolError);
    }
    // Every byte of the head replaced: either refused, or read within bounds.
    for (std::size_t at = 0; at < 200; ++at) {
        std::vector<std::byte> spoiled = whole;
        spoiled[at] = std::byte{0xff};
        isolation::MessageReader reader(spoiled);
        try {
            read_candidate(reader, received);
        } catch (const isolation::ProtocolError&) {
            continue;
        }
        CHECK((received.view().network == nullptr ||
               received.view().network->output_layer < received.view().network->layer_count));
    }
    isolation::MessageWriter score;
    write(score, Score{Score::Status::ok, "", {1, 2, 3}});
    isolation::MessageReader reader(score.bytes());
    Score read;
    CHECK_THROWS_AS(isolation::read_score(reader, 2, read), isolation::ProtocolError);
}

TEST_CASE("a crash falls on the candidate that causes it, and the process is started again") {
    check_failed(misbehave("kill"), "its process was killed by signal 9 (Killed)");
    check_failed(misbehave("exit"), "its process exited with status 7");
}

TEST_CASE("a candidate that takes too long is ended") {
    check_failed(misbehave("hang", process(0.3)), "gave no answer within 0.3 s; its process was ended");
}

TEST_CASE("what an isolated plug-in runs in ends with the program that is killed") {
    // Every process that can be at fault holds the pipe's other end open: it reads as ended when the last is gone.
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    const pid_t program = fork();
    REQUIRE(program >= 0);
    if (program == 0) {
        setenv("SOTTO_TEST_PIPE", std::to_string(ends[1]).c_str(), 1);
        Registry registry(services());
        registry.scan_library(folder + "test_plugin_ending.so");
        const auto instance = registry.create(Kind::cost_model, "ending", {{"fault", "hang-with-child"}}, process());
        Batch batch({13});
        instance->evaluate(batch.pointers, batch.scores);
        _exit(0);
    }
    close(ends[1]);
    char said = 0;
    REQUIRE(read(ends[0], &said, 1) == 1);
    CHECK(said == 'h');
    REQUIRE(kill(program, SIGKILL) == 0);
    int status = 0;
    REQUIRE(waitpid(program, &status, 0) == program);
    CHECK(WTERMSIG(status) == SIGKILL);
    pollfd end = {ends[0], POLLIN, 0};
    constexpr int patience_ms = 30'000;
    REQUIRE(poll(&end, 1, patience_ms) == 1);
    CHECK(read(ends[0], &said, 1) == 0);
    close(ends[0]);
}

TEST_CASE("the rule on who can write to a library reaches its own process, and the permission too") {
    namespace fs = std::filesystem;
    std::string name = (fs::temp_directory_path() / "sotto-isolation-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    const std::string library = name + "/scanned.so";
    fs::copy_file(folder + "test_plugin_scanned.so", library);
    const auto make = [&](Registry& registry) { registry.create(Kind::cost_model, "ending", {}, process()); };
    {
        Registry registry(services());
        registry.scan_library(library);
        make(registry);
        fs::permissions(library, fs::perms{0664});
        CHECK_THAT(message_of([&] { make(registry); }), contains_text("writable by its group"));
        Registry strict(services());
        CHECK_THAT(message_of([&] { strict.scan_library(library); }), contains_text("writable by its group"));
        Registry lenient(services());
        lenient.scan_library(library, Writable::allow);
        make(lenient);
    }
    fs::remove_all(name);
}

TEST_CASE("a plug-in that writes to the connection, or closes it, harms itself alone") {
    check_failed(misbehave("garbage"), "its process gave an answer out of order: found bytes that are no message");
    // The process may notice on its own that the connection is gone, or be ended for its silence.
    const Score closed = misbehave("close", process(0.3));
    check_failed(closed, "its process ");
    CHECK_THAT(closed.reason, contains_text("was ended") || contains_text("exited with status 1"));
}

TEST_CASE("what an isolated plug-in logs and prints reaches the program, standard output stays clean") {
    CHECK(misbehave("print").status == Score::Status::ok);
    HostServices with_log = services();
    std::vector<std::string> lines;
    with_log.log = [&](int level, std::string_view text) {
        lines.push_back(std::to_string(level) + ' ' + std::string(text));
    };
    Registry registry(with_log);
    registry.scan_library(folder + "test_plugin_ending.so");
    const auto instance = registry.create(Kind::cost_model, "ending", {{"fault", "log"}}, process());
    Batch batch({13});
    instance->evaluate(batch.pointers, batch.scores);
    CHECK(batch.scores[0].status == Score::Status::ok);
    CHECK(lines == std::vector<std::string>{"2 seed 13 is unlucky"});
}

TEST_CASE("an isolated plug-in is told that the run is being stopped") {
    std::atomic<bool> stop{false};
    HostServices stoppable = services();
    stoppable.is_cancelled = [&] { return stop.load(); };
    Registry registry(stoppable);
    registry.scan_library(folder + "test_plugin_ending.so");
    const auto instance = registry.create(Kind::cost_model, "ending", {{"fault", "wait"}}, process());
    stop = true;
    Batch batch({13, 1});
    instance->evaluate(batch.pointers, batch.scores);
    CHECK(batch.scores[0].status == Score::Status::cancelled);
    CHECK(batch.scores[1].status == Score::Status::cancelled);
    // The process lives on: it counts further.
    stop = false;
    Batch next({1});
    instance->evaluate(next.pointers, next.scores);
    CHECK(next.scores[0].metrics == std::vector<double>{3, 1});
}

TEST_CASE("a plug-in that cannot be made is refused, dead or alive") {
    Registry registry(services());
    registry.scan_library(folder + "test_plugin_ending.so");
    const auto create = [&](const std::string& fault) {
        return message_of([&] { registry.create(Kind::cost_model, "ending", {{"fault", fault}}, process()); });
    };
    CHECK_THAT(create("refuse"), contains_text("cost model 'ending'") && contains_text("not today"));
    CHECK_THAT(create("kill-in-create"), contains_text("cost model 'ending'") && contains_text("killed by signal 9"));
    CHECK_THAT(message_of([&] {
                   registry.create(Kind::cost_model, "ending", {{"falt", "x"}}, process());
               }),
               contains_text("did you mean 'fault'?"));
    Registry hostless({});
    CHECK_THAT(message_of([&] { hostless.scan_library(folder + "test_plugin_ending.so"); }),
               contains_text("no host for plug-ins"));
    HostServices elsewhere;
    elsewhere.plugin_host = folder + "no-such-program";
    Registry lost(elsewhere);
    CHECK_THAT(message_of([&] { lost.scan_library(folder + "test_plugin_ending.so"); }),
               contains_text("no-such-program") && contains_text("No such file"));
}

TEST_CASE("a process is not started again without end") {
    Registry registry(services());
    registry.scan_library(folder + "test_plugin_ending.so");
    Isolation isolation = process();
    isolation.most_restarts = 2;
    const auto instance = registry.create(Kind::cost_model, "ending", {{"fault", "kill"}}, isolation);
    Batch batch({13, 13, 13, 1});
    for (std::size_t i = 0; i < 4; ++i) {
        instance->evaluate(std::span(batch.pointers).subspan(i, 1), std::span(batch.scores).subspan(i, 1));
        CHECK(batch.scores[i].status == Score::Status::failed);
    }
    check_failed(batch.scores[3], "its process ended 3 times and is not started again");
}

TEST_CASE("any number of candidates is scored, whatever a message holds") {
    Registry registry(services());
    registry.scan_library(folder + "test_plugin_ending.so");
    const auto instance = registry.create(Kind::cost_model, "ending", {}, process());
    std::vector<std::uint64_t> seeds(1500);
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        seeds[i] = i + 100;
    }
    Batch batch(seeds);
    instance->evaluate(batch.pointers, batch.scores);
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        REQUIRE(batch.scores[i].metrics.size() == 2);
        CHECK(batch.scores[i].metrics[0] == 3 * static_cast<double>(seeds[i]));
    }
    instance->evaluate({}, {});
}

TEST_CASE("an isolated costly plug-in goes on from candidates before as one in this process does") {
    const std::string library = folder + "test_plugin_chained.so";
    Registry registry(services());
    registry.scan_library(library);
    arch::NetworkBuilder builder;
    builder.reset("two layers");
    const arch::LayerIndex input = builder.add_input("input", {3, 8, 8});
    const arch::Network network = builder.finish(builder.add_activation("relu", input, arch::Activation::relu));
    const auto scores = [&](const Instance& instance) {
        std::vector<std::vector<double>> metrics;
        secure::SecureProgram program;
        for (std::int64_t elements = 1; elements <= 5; ++elements) {
            secure::Operation operation;
            operation.kind = secure::OperationKind::relu;
            operation.elements = elements;
            program.operations.push_back(operation);
            CandidateView view;
            view.set(1, &network, &program);
            const CandidateView* const one = &view;
            Score score;
            instance.evaluate({&one, 1}, {&score, 1});
            REQUIRE(score.status == Score::Status::ok);
            metrics.push_back(score.metrics);
        }
        return metrics;
    };
    const auto isolated = registry.create(Kind::cost_model, "chained", {{"counts_work", "true"}}, process());
    const auto cheap = registry.create(Kind::cost_model, "chained-cheap", {}, process());
    const auto found = scores(*isolated);
    const auto expected = scores(*cheap);
    for (std::size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i][0] == expected[i][0]);
        CHECK(found[i][1] == (i == 0 ? 3 : 1));  // an operation and two layers, then each new operation alone
    }
}
