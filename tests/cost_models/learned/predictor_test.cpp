// SPDX-License-Identifier: Apache-2.0
// Predictions against the textbook equations, written down anew in double precision.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "engine/random/random.hpp"
#include "tests/cost_models/learned/sample_models.hpp"
#include "tests/cost_models/learned/sample_programs.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using learned::BothRoles;
using learned::DenseLayer;
using training::RoleTimes;

namespace {

using Vector = std::vector<double>;

Vector naive(const DenseLayer& layer, const Vector& x) {
    Vector y(layer.outputs);
    for (std::size_t o = 0; o < layer.outputs; ++o) {
        y[o] = layer.bias[o];
        for (std::size_t i = 0; i < layer.inputs; ++i) {
            y[o] += x[i] * static_cast<double>(layer.weights[i * layer.outputs + o]);
        }
    }
    return y;
}

Vector naive(const std::vector<DenseLayer>& layers, Vector x) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
        x = naive(layers[i], x);
        for (double& value : x) {
            value = i + 1 < layers.size() ? std::max(value, 0.0) : value;
        }
    }
    return x;
}

Vector scaled(const learned::InputScale& scale, const Vector& inputs) {
    Vector result;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        result.push_back(std::clamp((inputs[i] - scale.mean()[i]) * scale.factor()[i], -3.0, 3.0));
    }
    return result;
}

// 1 / (1 + (d / reach)^2), d the largest difference to the nearest row.
double naive_share(const learned::Reach& reach, const Vector& x) {
    double nearest = 1e9;
    for (std::size_t row = 0; row < reach.seen().size() / x.size(); ++row) {
        double largest = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            largest = std::max(largest, std::abs(x[i] - static_cast<double>(reach.seen()[row * x.size() + i])));
        }
        nearest = std::min(nearest, largest);
    }
    return 1 / (1 + std::pow(nearest / reach.distance(), 2));
}

// The sum of own times and waits, with `factors` correcting own times.
std::vector<RoleTimes> naive_times(const learned::Predictor& predictor, const std::vector<sotto_operation>& program,
                                   const std::function<BothRoles(const learned::Workload&)>& factors) {
    std::vector<RoleTimes> times;
    BothRoles previous{};
    for (const learned::Workload& work : learned::workloads(predictor.profile(), program)) {
        const BothRoles factor = factors(work);
        const BothRoles physical = predictor.physical().own_ms(work);
        const BothRoles own = {physical[0] * factor[0], physical[1] * factor[1]};
        const BothRoles wait = predictor.physical().wait_ms(work, previous);
        times.push_back({own[0] + wait[0], own[1] + wait[1]});
        previous = own;
    }
    return times;
}

Vector inputs_of(const learned::Predictor& predictor, const learned::Workload& work) {
    Vector inputs(learned::operation_input_count);
    learned::operation_inputs(work, predictor.physical().own_ms(work), inputs);
    return inputs;
}

double sigmoid(double x) {
    return 1 / (1 + std::exp(-x));
}

std::vector<RoleTimes> predicted(const std::shared_ptr<const learned::Predictor>& predictor,
                                 const std::vector<sotto_operation>& program) {
    std::vector<RoleTimes> times(program.size());
    learned::PredictorModel(predictor).predict(program, times);
    return times;
}

const std::array<std::function<std::shared_ptr<const learned::Predictor>()>, 2> makers = {
    [] { return sample::mlp_predictor(); }, [] { return sample::lstm_predictor(); }};

std::vector<learned::Outcome> outcomes_of(const learned::Predictor& predictor,
                                          const std::vector<std::vector<sotto_operation>>& programs,
                                          const std::function<void()>& interrupt) {
    std::vector<sotto_program> flat;
    std::vector<const sotto_program*> pointers;
    for (const auto& program : programs) {
        flat.push_back({sizeof(sotto_program), sizeof(sotto_operation), static_cast<std::uint32_t>(program.size()), 0,
                        program.data()});
    }
    for (const sotto_program& program : flat) {
        pointers.push_back(&program);
    }
    std::vector<learned::Outcome> outcomes(programs.size());
    predictor.totals(pointers, outcomes, interrupt);
    return outcomes;
}

std::vector<BothRoles> totals(const learned::Predictor& predictor,
                              const std::vector<std::vector<sotto_operation>>& programs) {
    std::vector<BothRoles> result;
    for (const learned::Outcome& outcome : outcomes_of(predictor, programs, [] {})) {
        REQUIRE(outcome.refusal.empty());
        result.push_back(outcome.total_ms);
    }
    return result;
}

void check_close(const std::vector<RoleTimes>& found, const std::vector<RoleTimes>& expected) {
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i].client_ms == Approx(expected[i].client_ms).epsilon(1e-4));
        CHECK(found[i].server_ms == Approx(expected[i].server_ms).epsilon(1e-4));
    }
}

}  // namespace

TEST_CASE("perceptrons predict what their equations say") {
    const auto predictor = sample::mlp_predictor();
    for (const auto& program : sample::programs(21, 5)) {
        const auto expected = naive_times(*predictor, program, [&](const learned::Workload& work) {
            const mlp::TypeNetworks& networks = predictor->networks()[static_cast<std::size_t>(work.type)];
            const Vector x = scaled(networks.reach.scale(), inputs_of(*predictor, work));
            const double share = naive_share(networks.reach, x);
            BothRoles factor{};
            for (std::size_t role = 0; role < 2; ++role) {
                for (const auto& member : networks.members[role]) {
                    factor[role] += std::exp(share * 0.8 * std::tanh(naive(member, x)[0] / 0.8)) / 2;
                }
            }
            return factor;
        });
        check_close(predicted(predictor, program), expected);
    }
}

TEST_CASE("the recurrent network predicts what its equations say") {
    const auto predictor = sample::lstm_predictor();
    const std::size_t size = predictor->architecture().hidden;
    for (const auto& program : sample::programs(22, 5)) {
        std::vector<Vector> hidden(2, Vector(size, 0));
        std::vector<Vector> cell(2, Vector(size, 0));
        const auto expected = naive_times(*predictor, program, [&](const learned::Workload& work) {
            Vector inputs;
            lstm::network_inputs(work, predictor->physical().own_ms(work), true, inputs);
            const Vector x = scaled(predictor->scale(), inputs);
            const learned::Reach& reach = predictor->reach()[static_cast<std::size_t>(work.type)];
            const double share = naive_share(reach, scaled(reach.scale(), inputs_of(*predictor, work)));
            BothRoles factor{};
            for (std::size_t m = 0; m < 2; ++m) {
                const lstm::Member& member = predictor->members()[m];
                Vector embedded = naive(member.embedding, x);
                for (double& value : embedded) {
                    value = std::max(value, 0.0);
                }
                const Vector of_input = naive(member.gates_of_input, embedded);
                const Vector of_hidden = naive(member.gates_of_hidden, hidden[m]);
                const auto gate = [&](std::size_t which, std::size_t i) {
                    return of_input[which * size + i] + of_hidden[which * size + i];
                };
                for (std::size_t i = 0; i < size; ++i) {
                    cell[m][i] = sigmoid(gate(1, i)) * cell[m][i] + sigmoid(gate(0, i)) * std::tanh(gate(2, i));
                    hidden[m][i] = sigmoid(gate(3, i)) * std::tanh(cell[m][i]);
                }
                Vector joined = hidden[m];
                joined.insert(joined.end(), embedded.begin(), embedded.end());
                const Vector outputs = naive(member.dense, joined);
                for (std::size_t role = 0; role < 2; ++role) {
                    factor[role] += std::exp(share * 0.6 * std::tanh(outputs[role] / 0.6)) / 2;
                }
            }
            return factor;
        });
        check_close(predicted(predictor, program), expected);
    }
}

TEST_CASE("a prediction is the same bits whatever was predicted before and beside it") {
    const auto programs = sample::programs(23, 12);
    for (const auto& fresh : makers) {
        const auto used = fresh();
        for (std::size_t i = programs.size(); i-- > 0;) {
            CHECK(predicted(used, programs[i]) == predicted(fresh(), programs[i]));
        }
    }
}

TEST_CASE("totals of many programs are the sums of single predictions to the last bit") {
    // Children that begin as their parents do, equal programs, an empty one, and many of different lengths.
    auto programs = sample::programs(26, 40);
    for (std::size_t i = 0; i < 260; ++i) {
        random::Stream stream(26, 0, static_cast<std::uint32_t>(i), random::Purpose::test);
        auto child = programs[stream.below(programs.size())];
        if (!child.empty()) {
            child.resize(stream.below(child.size() + 1));
        }
        const auto other = programs[stream.below(programs.size())];
        const std::size_t kept = stream.below(other.size() + 1);
        child.insert(child.end(), other.begin() + static_cast<std::ptrdiff_t>(kept), other.end());
        programs.push_back(std::move(child));
    }
    programs.emplace_back();
    for (const auto& fresh : makers) {
        const auto predictor = fresh();
        std::vector<BothRoles> expected;
        for (const auto& program : programs) {
            learned::Cursor cursor = predictor->start();
            for (const sotto_operation& operation : program) {
                predictor->step(operation, cursor);
            }
            expected.push_back(cursor.total_ms);
        }
        CHECK(totals(*fresh(), programs) == expected);
        // In batches of any size, on one predictor that remembers, last programs first.
        for (const std::size_t size : {1U, 7U, 64U}) {
            const auto used = fresh();
            for (std::size_t end = programs.size(); end > 0;) {
                const std::size_t begin = end - std::min<std::size_t>(size, end);
                const std::vector<std::vector<sotto_operation>> batch(
                    programs.begin() + static_cast<std::ptrdiff_t>(begin),
                    programs.begin() + static_cast<std::ptrdiff_t>(end));
                const std::vector<BothRoles> part(expected.begin() + static_cast<std::ptrdiff_t>(begin),
                                                  expected.begin() + static_cast<std::ptrdiff_t>(end));
                REQUIRE(totals(*used, batch) == part);
                end = begin;
            }
        }
    }
}

TEST_CASE("totals that several threads ask for are those of one") {
    const auto programs = sample::programs(27, 60);
    for (const auto& fresh : makers) {
        const auto expected = totals(*fresh(), programs);
        const auto shared = fresh();
        std::array<std::vector<BothRoles>, 4> found;
        std::vector<std::thread> threads;
        for (std::vector<BothRoles>& of_thread : found) {
            threads.emplace_back([&] {
                for (std::size_t i = 0; i < programs.size(); i += 10) {
                    const auto part = totals(*shared, {programs.begin() + static_cast<std::ptrdiff_t>(i),
                                                       programs.begin() + static_cast<std::ptrdiff_t>(i + 10)});
                    of_thread.insert(of_thread.end(), part.begin(), part.end());
                }
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        for (const std::vector<BothRoles>& of_thread : found) {
            CHECK(of_thread == expected);
        }
    }
}

TEST_CASE("totals stay right once more was seen than is remembered") {
    // Each program has operations and beginnings of its own: 60,000 of them.
    std::vector<std::vector<sotto_operation>> programs(300);
    for (std::size_t n = 0; n < programs.size(); ++n) {
        for (std::size_t i = 0; i < 200; ++i) {
            programs[n].push_back(sample::relu(static_cast<std::int64_t>(1 + n * 200 + i)));
        }
    }
    for (const auto& fresh : makers) {
        const auto used = fresh();
        const auto expected = totals(*fresh(), {programs.front()});
        totals(*used, programs);
        CHECK(totals(*used, {programs.front()}) == expected);
    }
}

TEST_CASE("a program longer than all that is remembered is predicted") {
    const std::vector<std::vector<sotto_operation>> programs = {sample::programs(30, 1).front(),
                                                                std::vector<sotto_operation>(70'000, sample::relu(100)),
                                                                sample::programs(30, 2).back()};
    for (const auto& fresh : makers) {
        const auto predictor = fresh();
        learned::Cursor cursor = predictor->start();
        for (const sotto_operation& operation : programs[1]) {
            predictor->step(operation, cursor);
        }
        const auto found = totals(*predictor, programs);
        CHECK(found[1] == cursor.total_ms);
        CHECK(found[0] == totals(*fresh(), {programs[0]}).front());
        CHECK(found[2] == totals(*fresh(), {programs[2]}).front());
    }
}

TEST_CASE("a program that cannot be predicted is refused and leaves the others alone") {
    auto programs = sample::programs(28, 3);
    sotto_operation argmax = sample::relu(10);
    argmax.kind = SOTTO_OPERATION_ARGMAX;
    programs[1].insert(programs[1].begin() + 4, argmax);
    for (const auto& fresh : makers) {
        const auto predictor = fresh();
        const auto outcomes = outcomes_of(*predictor, programs, [] {});
        CHECK_THAT(outcomes[1].refusal, matchers::contains_text("operation 4 (argmax)"));
        CHECK(outcomes[0].refusal.empty());
        CHECK(outcomes[0].total_ms == totals(*fresh(), {programs[0]}).front());
        CHECK(outcomes[2].total_ms == totals(*fresh(), {programs[2]}).front());
    }
}

TEST_CASE("a prediction that is interrupted leaves nothing half done") {
    const auto programs = sample::programs(29, 20);
    struct Interrupted {};
    for (const auto& fresh : makers) {
        const auto expected = totals(*fresh(), programs);
        for (int calls = 0; calls < 12; ++calls) {
            const auto predictor = fresh();
            int left = calls;
            const auto interrupt = [&] {
                if (left-- == 0) {
                    throw Interrupted();
                }
            };
            try {
                outcomes_of(*predictor, programs, interrupt);
            } catch (const Interrupted&) {
            }
            CHECK(totals(*predictor, programs) == expected);
        }
    }
}

TEST_CASE("a copied cursor goes on as the original does") {
    const auto predictor = sample::lstm_predictor();
    const auto program = sample::programs(24, 1).front();
    const std::vector<RoleTimes> whole = predicted(predictor, program);
    for (std::size_t cut = 0; cut < program.size(); ++cut) {
        learned::Cursor parent = predictor->start();
        for (std::size_t i = 0; i < cut; ++i) {
            predictor->step(program[i], parent);
        }
        learned::Cursor child = parent;
        predictor->step(sample::relu(12345), parent);  // the parent goes elsewhere
        for (std::size_t i = cut; i < program.size(); ++i) {
            CHECK(predictor->step(program[i], child) == whole[i]);
        }
    }
}

TEST_CASE("what a program is made of later does not change what came before") {
    const auto predictor = sample::lstm_predictor();
    auto program = sample::programs(25, 1).front();
    const std::vector<RoleTimes> whole = predicted(predictor, program);
    program.resize(5);
    const std::vector<RoleTimes> start = predicted(predictor, program);
    CHECK(std::equal(start.begin(), start.end(), whole.begin()));
}

TEST_CASE("an operation of a type that was not measured is refused by name") {
    const auto full = sample::mlp_predictor();
    learned::PhysicalTimes physical;
    physical.set_known(learned::LayerType::relu);
    const mlp::MlpPredictor predictor(sample::engine(), physical, 0.1, full->networks());
    learned::Cursor cursor = predictor.start();
    predictor.step(sample::relu(100), cursor);
    CHECK_THROWS_WITH(predictor.step(sample::max_pool(4, 8), cursor), matchers::contains_text("operation 1 (maxpool)"));
}
