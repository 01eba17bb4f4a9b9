// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/plugins/accuracy/flat_network.hpp"
#include "tests/plugins/accuracy/proxy_library.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::accuracy_test;

namespace {

/// Whether the text holds every part; says which it does not.
bool mentions(const std::string& text, const std::vector<std::string>& parts) {
    for (const std::string& part : parts) {
        if (text.find(part) == std::string::npos) {
            WARN("'" << text << "' does not mention '" << part << "'");
            return false;
        }
    }
    return true;
}

FlatNetwork small() {
    FlatNetwork n;
    auto x = n.relu(n.convolution(n.input(3, 32, 32), 8, 3, 2));
    n.fully_connected(n.global_pool(n.relu(n.convolution(x, 8, 3))), 4);
    return n;
}

Answer answer(FlatNetwork& network, const std::string& id = "combined") {
    return ProxyLibrary::get().create(id).evaluate(network.view(), 1);
}

/// Networks of several kinds, with their seeds.
std::vector<FlatNetwork> population() {
    std::vector<FlatNetwork> networks;
    for (const std::uint32_t fires : {0xFFU, 0x0FU, 0x81U, 0x10U}) {
        networks.push_back(squeezenet({.fires = fires, .width = 0.5}));
    }
    networks.push_back(small());
    return networks;
}

std::vector<Candidate> candidates_of(std::vector<FlatNetwork>& networks) {
    std::vector<Candidate> candidates;
    for (std::size_t index = 0; index < networks.size(); ++index) {
        candidates.push_back({&networks[index].view(), 100 + index});
    }
    return candidates;
}

}  // namespace

TEST_CASE("the library offers its proxies, each with its metrics, units and parameters") {
    const ProxyLibrary& library = ProxyLibrary::get();
    CHECK(library.entry().get_factory("sotto.accuracy-proxy/1x") == nullptr);
    CHECK(library.entry().get_factory("sotto.cost-model/1") == nullptr);
    const std::map<std::string, std::vector<std::string>> expected{
        {"synflow", {"accuracy.synflow"}},
        {"naswot", {"accuracy.naswot"}},
        {"combined", {"accuracy.score", "accuracy.synflow", "accuracy.naswot"}},
        {"ensemble", {"accuracy.ensemble", "accuracy.capacity", "accuracy.sharpness", "accuracy.trainability"}},
        {"jacob-cov", {"accuracy.jacob_cov"}},
        {"grad-norm", {"accuracy.grad_norm"}},
        {"snip", {"accuracy.snip"}},
        {"grasp", {"accuracy.grasp"}},
        {"fisher", {"accuracy.fisher"}},
        {"gradients",
         {"accuracy.jacob_cov", "accuracy.grad_norm", "accuracy.snip", "accuracy.grasp", "accuracy.fisher"}},
        {"zen", {"accuracy.zen"}}};
    CHECK(library.factory().count(&library.factory()) >= expected.size());
    for (const auto& [id, names] : expected) {
        const sotto_descriptor& descriptor = library.descriptor(id);
        REQUIRE(descriptor.metric_count == names.size());
        for (std::size_t index = 0; index < names.size(); ++index) {
            CHECK(descriptor.metrics[index].name == names[index]);
            CHECK(std::string(descriptor.metrics[index].unit) == "1");
            CHECK(descriptor.metrics[index].direction == SOTTO_DIRECTION_MAXIMIZE);
        }
        CHECK(descriptor.needs == SOTTO_NEEDS_NETWORK);
        for (std::uint32_t index = 0; index < descriptor.parameter_count; ++index) {
            const sotto_parameter& parameter = descriptor.parameters[index];
            INFO(id << " " << parameter.name);
            CHECK(std::string(parameter.help).size() > 10);
            if (parameter.type == SOTTO_PARAMETER_INTEGER) {
                CHECK(std::stod(parameter.default_value) >= parameter.least);
                CHECK(std::stod(parameter.default_value) <= parameter.most);
            }
        }
    }
}

TEST_CASE("wrong parameters are refused by name") {
    const ProxyLibrary& library = ProxyLibrary::get();
    std::string problem;
    CHECK(library.create("combined", {{"bach", "8"}}, &problem).instance() == nullptr);
    CHECK(mentions(problem, {"'bach'"}));
    CHECK(library.create("naswot", {{"batch", "1"}}, &problem).instance() == nullptr);
    CHECK(mentions(problem, {"'batch'", "from 2 to 128"}));
    CHECK(library.create("synflow", {{"input_size", "64px"}}, &problem).instance() == nullptr);
    CHECK(mentions(problem, {"'64px'"}));
    CHECK(library.create("gradnorm", {}, &problem).instance() == nullptr);
    CHECK(mentions(problem, {"gradnorm", "synflow", "grad-norm"}));
    CHECK(library.create("snip", {{"images", "/no/such/folder"}}, &problem).instance() == nullptr);
    CHECK(mentions(problem, {"'images'", "/no/such/folder"}));
}

TEST_CASE("scores do not depend on order, batch, instance or threads") {
    std::vector<FlatNetwork> networks = population();
    const std::vector<Candidate> candidates = candidates_of(networks);
    for (const char* const id : {"synflow", "naswot", "combined", "ensemble", "gradients", "zen"}) {
        const Proxy proxy = ProxyLibrary::get().create(id);
        std::vector<std::vector<double>> alone;
        for (const Candidate& candidate : candidates) {
            alone.push_back(proxy.evaluate(*candidate.network, candidate.seed).metrics);
        }
        INFO(id);

        const std::vector<Candidate> reversed(candidates.rbegin(), candidates.rend());
        const std::vector<Answer> together = ProxyLibrary::get().create(id).evaluate(reversed);
        for (std::size_t index = 0; index < candidates.size(); ++index) {
            CHECK(together[candidates.size() - 1 - index].metrics == alone[index]);
        }

        std::vector<std::vector<Answer>> found(4);
        std::vector<std::thread> threads;
        for (std::size_t thread = 0; thread < found.size(); ++thread) {
            threads.emplace_back(
                [&, thread] { found[thread] = proxy.evaluate(thread % 2 == 0 ? candidates : reversed); });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        for (std::size_t thread = 0; thread < found.size(); ++thread) {
            for (std::size_t index = 0; index < candidates.size(); ++index) {
                const std::size_t at = thread % 2 == 0 ? index : candidates.size() - 1 - index;
                CHECK(found[thread][at].metrics == alone[index]);
            }
        }
    }
}

TEST_CASE("shared passes give each gradient proxy what it gives alone") {
    std::vector<FlatNetwork> networks = population();
    const Proxy together = ProxyLibrary::get().create("gradients");
    for (FlatNetwork& network : networks) {
        const std::vector<double> metrics = together.evaluate(network.view(), 9).metrics;
        std::size_t next = 0;
        for (const char* const id : {"jacob-cov", "grad-norm", "snip", "grasp", "fisher"}) {
            INFO(id);
            const Answer alone = ProxyLibrary::get().create(id).evaluate(network.view(), 9);
            REQUIRE(alone.status == SOTTO_OK);
            // The products of one pass may be added up in another order than those of several.
            CHECK(metrics[next++] == Approx(alone.metrics.front()).epsilon(1e-4));
        }
    }
}

TEST_CASE("a candidate that would take more memory than allowed is unsupported with both in the text") {
    FlatNetwork large = squeezenet({.image = 224});
    for (const char* const id : {"combined", "synflow", "naswot", "zen", "jacob-cov", "grad-norm", "gradients"}) {
        INFO(id);
        const Answer refused =
            ProxyLibrary::get().create(id, {{"memory_limit", "1"}, {"input_size", "0"}}).evaluate(large.view(), 1);
        CHECK(refused.status == SOTTO_UNSUPPORTED);
        CHECK(mentions(refused.text, {"MiB", "memory_limit allows 1"}));
    }
    FlatNetwork fits = small();
    CHECK(ProxyLibrary::get().create("zen", {{"memory_limit", "8"}}).evaluate(fits.view(), 1).status == SOTTO_OK);
    CHECK(ProxyLibrary::get().create("zen", {{"memory_limit", "0"}}).evaluate(fits.view(), 1).status == SOTTO_OK);
}

TEST_CASE("what a gradient proxy has no answer for is unsupported with the reason") {
    FlatNetwork no_weights;
    no_weights.global_pool(no_weights.relu(no_weights.input(3, 8, 8)));
    CHECK(answer(no_weights, "grad-norm").status == SOTTO_UNSUPPORTED);
    CHECK(mentions(answer(no_weights, "grad-norm").text, {"no weights"}));
    FlatNetwork one_output;
    one_output.fully_connected(one_output.input(3, 8, 8), 1);
    CHECK(answer(one_output, "snip").status == SOTTO_UNSUPPORTED);
    CHECK(mentions(answer(one_output, "snip").text, {"one output"}));
    CHECK(answer(one_output, "jacob-cov").status == SOTTO_OK);
}

TEST_CASE("gradients of networks without normalisation are finite however deep and whatever the activations") {
    for (const std::int32_t activation : {SOTTO_ACTIVATION_RELU, SOTTO_ACTIVATION_SQUARE, SOTTO_ACTIVATION_IDENTITY}) {
        FlatNetwork network;
        auto x = network.input(3, 8, 8);
        // Without activation, values grow by the root of 2 a layer: beyond the range of a float.
        for (int layer = 0; layer < 300; ++layer) {
            x = network.activation(network.convolution(x, 8, 3, 1, 1), activation);
        }
        network.fully_connected(network.global_pool(x), 4);
        const Answer scored = answer(network, "gradients");
        INFO("activation " << activation << ": " << scored.text);
        REQUIRE(scored.status == SOTTO_OK);
        for (const double metric : scored.metrics) {
            CHECK(std::isfinite(metric));
        }
    }
}

TEST_CASE("a square of numbers whose squares are beyond a float passes gradients on") {
    const auto norm = [](int linear_layers, const std::string& memory_limit) {
        FlatNetwork network;
        auto x = network.input(3, 8, 8);
        for (int layer = 0; layer < linear_layers; ++layer) {
            x = network.convolution(x, 8, 3, 1, 1);
        }
        x = network.relu(network.convolution(network.activation(x, SOTTO_ACTIVATION_SQUARE), 8, 3, 1, 1));
        network.fully_connected(network.global_pool(x), 4);
        return ProxyLibrary::get().create("grad-norm", {{"memory_limit", memory_limit}}).evaluate(network.view(), 1);
    };
    // The square's output has a mean square of 1, so the norms of the gradients of 3 + n layers grow slowly with n.
    const double few = norm(50, "0").metrics.front();
    for (const int layers : {64, 90, 160, 220}) {
        INFO(layers << " layers");
        CHECK(norm(layers, "0").metrics.front() == Approx(few).margin(2.5));
    }
    // Beyond a float altogether, so in double, which takes twice as much.
    CHECK(norm(140, "20").status == SOTTO_OK);
    CHECK(norm(220, "20").status == SOTTO_UNSUPPORTED);
    CHECK(mentions(norm(220, "20").text, {"memory_limit allows 20"}));
    CHECK(norm(220, "40").status == SOTTO_OK);
}

TEST_CASE("a linear network has Jacobians that are all alike, with and without normalisation") {
    for (const bool normalized : {false, true}) {
        FlatNetwork network;
        auto x = network.convolution(network.input(3, 16, 16), 8, 3, 1, 1);
        x = normalized ? network.normalization(x) : x;
        network.fully_connected(network.global_pool(network.convolution(x, 8, 3, 2, 1)), 4);
        const double linear = answer(network, "jacob-cov").metrics.front();
        // One eigenvalue is the number of images, all others are 0: -ln(1e5 - 11.5) and what 1/32 changes.
        CHECK(linear == Approx(-std::log((31 * (1e5 + std::log(1e-5)) + std::log(32.0) + 1.0 / 32) / 32)).margin(0.01));
    }
    FlatNetwork with_relu = small();
    CHECK(answer(with_relu, "jacob-cov").metrics.front() > -8);
}

TEST_CASE("another seed gives another score, and the same seed the same") {
    FlatNetwork network = small();
    const Proxy proxy = ProxyLibrary::get().create("combined");
    CHECK(proxy.evaluate(network.view(), 1).metrics == proxy.evaluate(network.view(), 1).metrics);
    CHECK(proxy.evaluate(network.view(), 1).metrics != proxy.evaluate(network.view(), 2).metrics);
}

TEST_CASE("the same graph in another order has the same score") {
    const auto build = [](bool swapped) {
        FlatNetwork n;
        const auto x = n.relu(n.convolution(n.input(3, 40, 40), 8, 3));
        std::uint32_t ones = 0;
        std::uint32_t threes = 0;
        // Two equal convolutions, told apart by what reads them alone.
        std::uint32_t twin_relu = 0;
        std::uint32_t twin_square = 0;
        if (swapped) {
            threes = n.relu(n.convolution(x, 4, 3, 1, 1));
            twin_square = n.activation(n.convolution(x, 8, 3, 1, 1), SOTTO_ACTIVATION_SQUARE);
            ones = n.relu(n.convolution(x, 4, 1));
            twin_relu = n.relu(n.convolution(x, 8, 3, 1, 1));
        } else {
            ones = n.relu(n.convolution(x, 4, 1));
            threes = n.relu(n.convolution(x, 4, 3, 1, 1));
            twin_relu = n.relu(n.convolution(x, 8, 3, 1, 1));
            twin_square = n.activation(n.convolution(x, 8, 3, 1, 1), SOTTO_ACTIVATION_SQUARE);
        }
        const auto joined = n.concat({ones, threes});
        n.relu(n.convolution(
            swapped ? n.add({twin_square, joined, twin_relu}) : n.add({joined, twin_relu, twin_square}), 4, 3));
        return n;
    };
    FlatNetwork one = build(false);
    FlatNetwork other = build(true);
    CHECK(answer(one).metrics[0] == Approx(answer(other).metrics[0]).epsilon(1e-6));
}

TEST_CASE("what cannot be scored is unsupported, with the layer and the reason") {
    FlatNetwork no_weights;
    no_weights.relu(no_weights.input(3, 8, 8));
    CHECK(answer(no_weights, "synflow").status == SOTTO_UNSUPPORTED);
    CHECK(mentions(answer(no_weights, "synflow").text, {"no weights"}));

    FlatNetwork unknown_kind = small();
    unknown_kind.layer(2).kind = 99;
    CHECK(answer(unknown_kind).status == SOTTO_UNSUPPORTED);
    CHECK(mentions(answer(unknown_kind).text, {"layer 2", "99"}));

    FlatNetwork unknown_activation = small();
    unknown_activation.layer(2).activation = 7;
    CHECK(answer(unknown_activation).status == SOTTO_UNSUPPORTED);
    CHECK(mentions(answer(unknown_activation).text, {"layer 2", "activation 7"}));

    FlatNetwork large = squeezenet();
    const Answer too_small = ProxyLibrary::get().create("synflow", {{"input_size", "16"}}).evaluate(large.view(), 1);
    CHECK(too_small.status == SOTTO_UNSUPPORTED);
    CHECK(mentions(too_small.text, {"3x16x16", "max pool"}));

    // What no map can be, in sums that an int32 cannot hold either.
    FlatNetwork vast = small();
    vast.layer(0).output = {3, 1 << 30, 1 << 30};
    CHECK(answer(vast, "synflow").status == SOTTO_UNSUPPORTED);
    CHECK(mentions(answer(vast, "synflow").text, {"layer 0", "too large"}));
    FlatNetwork pads = small();
    pads.layer(1).window.pad_top = pads.layer(1).window.pad_bottom = 2147483647;
    CHECK(answer(pads, "synflow").status == SOTTO_UNSUPPORTED);
    CHECK(mentions(answer(pads, "synflow").text, {"layer 1", "too large"}));

    // Values grow by the root of 2 a layer until they are no floats.
    FlatNetwork linear;
    auto x = linear.input(3, 8, 8);
    for (int layer = 0; layer < 400; ++layer) {
        x = linear.convolution(x, 4, 1);
    }
    linear.relu(x);
    CHECK(answer(linear, "naswot").status == SOTTO_UNSUPPORTED);
    CHECK(mentions(answer(linear, "naswot").text, {"range of a float"}));
}

TEST_CASE("a candidate that breaks the contract is an invalid argument, with the layer and the reason") {
    FlatNetwork wrong_shape = small();
    wrong_shape.layer(1).output.height = 14;
    CHECK(answer(wrong_shape).status == SOTTO_INVALID_ARGUMENT);
    CHECK(mentions(answer(wrong_shape).text, {"layer 1", "8x14x15", "8x15x15"}));

    FlatNetwork forward_reference = small();
    forward_reference.operand_list()[1] = 5;
    CHECK(answer(forward_reference).status == SOTTO_INVALID_ARGUMENT);
    CHECK(mentions(answer(forward_reference).text, {"layer 2"}));

    FlatNetwork outside = small();
    outside.layer(3).first_operand = 4000000000U;
    CHECK(answer(outside).status == SOTTO_INVALID_ARGUMENT);

    FlatNetwork groups = small();
    groups.layer(3).groups = 3;
    CHECK(answer(groups).status == SOTTO_INVALID_ARGUMENT);
    CHECK(mentions(answer(groups).text, {"3 groups"}));

    FlatNetwork stride = small();
    stride.layer(1).window.stride_width = 0;
    CHECK(answer(stride).status == SOTTO_INVALID_ARGUMENT);

    FlatNetwork two_inputs = small();
    two_inputs.layer(2).kind = SOTTO_LAYER_INPUT;
    CHECK(answer(two_inputs).status == SOTTO_INVALID_ARGUMENT);

    FlatNetwork bad_add;
    const auto x = bad_add.input(3, 8, 8);
    bad_add.add({x, bad_add.convolution(x, 3, 3)});
    CHECK(answer(bad_add).status == SOTTO_INVALID_ARGUMENT);

    const Proxy proxy = ProxyLibrary::get().create("synflow");
    CHECK(proxy.evaluate({{nullptr, 1}}).front().status == SOTTO_INVALID_ARGUMENT);
    sotto_network empty{};
    empty.struct_size = sizeof empty;
    CHECK(proxy.evaluate(empty, 1).status == SOTTO_INVALID_ARGUMENT);
}

TEST_CASE("one bad candidate does not spoil its batch") {
    FlatNetwork good = small();
    FlatNetwork bad = small();
    bad.layer(2).kind = 99;
    const Proxy proxy = ProxyLibrary::get().create("synflow");
    const std::vector<Answer> answers = proxy.evaluate({{&good.view(), 1}, {&bad.view(), 2}, {&good.view(), 1}});
    CHECK(answers[0].status == SOTTO_OK);
    CHECK(answers[1].status == SOTTO_UNSUPPORTED);
    CHECK(answers[2].metrics == answers[0].metrics);
}

TEST_CASE("layers of a newer host, longer than this library knows, are read by their stride") {
    struct LongLayer {
        sotto_layer layer;
        std::int64_t future[3];
    };
    FlatNetwork network = small();
    const Answer expected = answer(network);
    std::vector<LongLayer> layers;
    for (const sotto_layer& layer : network.layers()) {
        layers.push_back({layer, {-1, -1, -1}});
    }
    sotto_network view = network.view();
    view.layer_stride = sizeof(LongLayer);
    view.layers = &layers.front().layer;
    CHECK(ProxyLibrary::get().create("combined").evaluate(view, 1).metrics == expected.metrics);
}

TEST_CASE("a host that stops the run is obeyed between layers") {
    FlatNetwork network = squeezenet({.image = 64});
    for (const char* const id : {"combined", "zen", "gradients"}) {
        const Proxy proxy = ProxyLibrary::get().create(id);
        for (const int questions : {0, 3, 40}) {
            ProxyLibrary::cancel_after(questions);
            const Answer stopped = proxy.evaluate(network.view(), 1);
            ProxyLibrary::cancel_after(-1);
            INFO(id << " after " << questions << " questions");
            CHECK(stopped.status == SOTTO_CANCELLED);
        }
    }
}

TEST_CASE("a host that stops the run is obeyed in the middle of a backward pass") {
    FlatNetwork network = squeezenet({.image = 64});
    const Proxy proxy = ProxyLibrary::get().create("grad-norm");
    // Once a layer forwards, and then once a layer with weights backwards.
    const auto forwards = static_cast<int>(network.layers().size());
    ProxyLibrary::cancel_after(forwards + 5);
    const Answer stopped = proxy.evaluate(network.view(), 1);
    ProxyLibrary::cancel_after(-1);
    CHECK(stopped.status == SOTTO_CANCELLED);
    CHECK(proxy.evaluate(network.view(), 1).status == SOTTO_OK);
}
