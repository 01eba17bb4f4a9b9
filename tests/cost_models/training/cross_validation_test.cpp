// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/cross_validation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/random/random.hpp"
#include "tests/cost_models/training/planted_trainers.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::training;
using sotto::matchers::contains_text;
using test::FunctionModel;
using test::FunctionTrainer;

namespace {

sotto_operation relu(std::int64_t elements, std::int32_t truncates = 0) {
    sotto_operation operation{};
    operation.struct_size = sizeof operation;
    operation.kind = SOTTO_OPERATION_RELU;
    operation.elements = elements;
    operation.truncates = truncates;
    return operation;
}

sotto_operation normalization(std::int32_t channels, std::int32_t how) {
    sotto_operation operation{};
    operation.struct_size = sizeof operation;
    operation.kind = SOTTO_OPERATION_BATCH_NORMALIZATION;
    operation.normalization = how;
    operation.input = operation.output = {channels, 8, 8};
    operation.elements = std::int64_t{64} * channels;
    return operation;
}

// Networks of ReLUs and normalisations; sizes come again within and between networks.
TrainingSet some_set(std::uint32_t networks = 7, std::uint64_t seed = 3) {
    TrainingSet set;
    random::Stream stream(seed, 0, 0, random::Purpose::test);
    for (std::uint32_t n = 0; n < networks; ++n) {
        MeasuredNetwork& network = set.emplace_back();
        network.name = "network" + std::to_string(n);
        const std::uint64_t length = 3 + stream.below(9);
        for (std::uint64_t p = 0; p < length; ++p) {
            network.operations.push_back(
                stream.chance(0.6)
                    ? relu(std::int64_t(1 + stream.below(9)), std::int32_t(stream.below(2)))
                    : normalization(std::int32_t(1 + stream.below(5)), 1 + std::int32_t(stream.below(2))));
        }
        for (std::uint64_t r = 0; r < 1 + n % 3; ++r) {
            std::vector<RoleTimes>& run = network.runs.emplace_back();
            for (std::uint64_t p = 0; p < length; ++p) {
                run.push_back({1 + 10 * stream.unit(), 1 + 20 * stream.unit()});
            }
        }
    }
    return set;
}

const TrainingOptions options{settings()[1], 1, {}};

using Key = std::pair<std::int32_t, Role>;

// The mean time of each layer type and role, of the times that `counts` accepts; 0 where there is none.
std::map<Key, double> means(const TrainingSet& set, const std::function<bool(double)>& counts) {
    std::map<Key, std::pair<double, int>> sums;
    for (const MeasuredNetwork& network : set) {
        for (const std::vector<RoleTimes>& run : network.runs) {
            for (std::size_t p = 0; p < run.size(); ++p) {
                for (const Role role : roles) {
                    if (counts(run[p].of(role))) {
                        std::pair<double, int>& sum = sums[{network.operations[p].kind, role}];
                        sum.first += run[p].of(role);
                        ++sum.second;
                    }
                }
            }
        }
    }
    std::map<Key, double> result;
    for (const auto& [key, sum] : sums) {
        result[key] = sum.second > 0 ? sum.first / sum.second : 0;
    }
    return result;
}

FunctionModel::Function answer(std::map<Key, double> of) {
    return [of](const sotto_operation& operation) {
        const auto time = [&](Role role) {
            const auto found = of.find({operation.kind, role});
            return found == of.end() ? 0.0 : found->second;
        };
        return RoleTimes{time(Role::client), time(Role::server)};
    };
}

const FunctionTrainer honest([](const TrainingSet& set) {
    return answer(means(set, [](double time) { return !std::isnan(time); }));
});

std::vector<std::uint32_t> fold_list(const Folds& folds) {
    std::vector<std::uint32_t> all;
    for (const auto& network : folds.fold_of) {
        for (const auto& run : network) {
            all.insert(all.end(), run.begin(), run.end());
        }
    }
    return all;
}

bool is_equal(const HeldOut& first, const HeldOut& second) {
    return first.network == second.network && first.run == second.run && first.position == second.position &&
           first.fold == second.fold && first.measured == second.measured && first.predicted == second.predicted;
}

}  // namespace

TEST_CASE("each fold is told of once when it is done") {
    const TrainingSet set = some_set();
    const FunctionTrainer trainer(
        [](const TrainingSet&) { return [](const sotto_operation&) { return RoleTimes{}; }; });
    for (const unsigned threads : {1U, 2U}) {
        std::mutex mutex;
        std::set<std::size_t> told;
        TrainingOptions listening = options;
        listening.on_fold = [&](std::size_t done, std::size_t count) {
            const std::lock_guard<std::mutex> lock(mutex);
            CHECK(count == set.size());
            CHECK(told.insert(done).second);
        };
        cross_validate(set, trainer, deal(set, Split::networks, 0, 1), listening, threads);
        CHECK(told.size() == set.size());
        CHECK(*told.rbegin() == set.size());
    }
}

TEST_CASE("shuffled rows give every fold its share of each layer type") {
    const TrainingSet set = some_set();
    const Folds folds = deal(set, Split::rows, 4, 9);
    CHECK(folds.fold_count == 4);
    std::map<std::int32_t, std::array<int, 4>> shares;
    for (std::size_t n = 0; n < set.size(); ++n) {
        REQUIRE(folds.fold_of[n].size() == set[n].runs.size());
        for (const std::vector<std::uint32_t>& run : folds.fold_of[n]) {
            REQUIRE(run.size() == set[n].operations.size());
            for (std::size_t p = 0; p < run.size(); ++p) {
                ++shares[set[n].operations[p].kind].at(run[p]);
            }
        }
    }
    for (const auto& [kind, counts] : shares) {
        const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
        CHECK(*most - *least <= 1);
    }
}

TEST_CASE("the seed and nothing of the times decides how a set is dealt") {
    const TrainingSet set = some_set();
    TrainingSet other = set;
    for (MeasuredNetwork& network : other) {
        for (std::vector<RoleTimes>& run : network.runs) {
            std::fill(run.begin(), run.end(), RoleTimes{1, std::nan("")});
        }
    }
    for (const Split split : {Split::rows, Split::configurations, Split::networks}) {
        const std::vector<std::uint32_t> folds = fold_list(deal(set, split, 3, 5));
        CHECK(folds == fold_list(deal(other, split, 3, 5)));
        CHECK(folds != fold_list(deal(set, split, 3, 6)));
    }
}

TEST_CASE("folds by configuration never share one") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const TrainingSet set = some_set(9, seed);
        const Folds folds = deal(set, Split::configurations, 4, seed);
        // A configuration here is the kind and the one size that the operations of some_set differ in.
        std::map<std::pair<std::int32_t, std::int64_t>, std::set<std::uint32_t>> folds_of;
        std::map<std::int32_t, std::array<std::set<std::int64_t>, 4>> shares;
        for (std::size_t n = 0; n < set.size(); ++n) {
            for (const std::vector<std::uint32_t>& run : folds.fold_of[n]) {
                for (std::size_t p = 0; p < run.size(); ++p) {
                    const sotto_operation& operation = set[n].operations[p];
                    folds_of[{operation.kind, operation.elements}].insert(run[p]);
                    shares[operation.kind].at(run[p]).insert(operation.elements);
                }
            }
        }
        for (const auto& [configuration, of] : folds_of) {
            CHECK(of.size() == 1);
        }
        for (const auto& [kind, configurations] : shares) {
            std::array<std::size_t, 4> counts{};
            std::transform(configurations.begin(), configurations.end(), counts.begin(),
                           [](const std::set<std::int64_t>& one) { return one.size(); });
            const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
            CHECK(*most - *least <= 1);
        }
    }
}

TEST_CASE("every network is a fold or whole networks are dealt") {
    const TrainingSet set = some_set();
    const Folds each = deal(set, Split::networks, 0, 1);
    CHECK(each.fold_count == set.size());
    const Folds dealt = deal(set, Split::networks, 3, 1);
    std::array<int, 3> counts{};
    for (std::size_t n = 0; n < set.size(); ++n) {
        for (std::size_t r = 0; r < set[n].runs.size(); ++r) {
            for (std::size_t p = 0; p < set[n].operations.size(); ++p) {
                CHECK(each.fold_of[n][r][p] == n);
                CHECK(dealt.fold_of[n][r][p] == dealt.fold_of[n][0][0]);
            }
        }
        ++counts.at(dealt.fold_of[n][0][0]);
    }
    std::sort(counts.begin(), counts.end());
    CHECK(counts == std::array<int, 3>{2, 2, 3});
}

TEST_CASE("a set without a fold shows every other time and none of the fold") {
    const TrainingSet set = some_set();
    const Folds folds = deal(set, Split::rows, 3, 1);
    const TrainingSet visible = without_fold(set, folds, 1);
    int hidden = 0;
    for (std::size_t n = 0; n < set.size(); ++n) {
        CHECK(visible[n].operations.size() == set[n].operations.size());
        for (std::size_t r = 0; r < set[n].runs.size(); ++r) {
            for (std::size_t p = 0; p < set[n].operations.size(); ++p) {
                const RoleTimes& times = visible[n].runs[r][p];
                if (folds.fold_of[n][r][p] == 1) {
                    ++hidden;
                    CHECK((std::isnan(times.client_ms) && std::isnan(times.server_ms)));
                } else {
                    CHECK(times == set[n].runs[r][p]);
                }
            }
        }
    }
    CHECK(hidden > 0);
}

TEST_CASE("each time is predicted once by a model that has not seen its fold") {
    const TrainingSet set = some_set();
    for (const Split split : {Split::rows, Split::configurations, Split::networks}) {
        const Folds folds = deal(set, split, 4, 2);
        const std::vector<HeldOut> held_out = cross_validate(set, honest, folds, options, 1);
        std::size_t next = 0;
        for (std::uint32_t n = 0; n < set.size(); ++n) {
            for (std::uint32_t r = 0; r < set[n].runs.size(); ++r) {
                for (std::uint32_t p = 0; p < set[n].operations.size(); ++p, ++next) {
                    REQUIRE(next < held_out.size());
                    const HeldOut& row = held_out[next];
                    CHECK((row.network == n && row.run == r && row.position == p));
                    CHECK(row.measured == set[n].runs[r][p]);
                    // The mean of its layer type over the other folds, gone through anew.
                    double sum = 0;
                    int count = 0;
                    for (std::size_t n2 = 0; n2 < set.size(); ++n2) {
                        for (std::size_t r2 = 0; r2 < set[n2].runs.size(); ++r2) {
                            for (std::size_t p2 = 0; p2 < set[n2].operations.size(); ++p2) {
                                if (folds.fold_of[n2][r2][p2] != folds.fold_of[n][r][p] &&
                                    set[n2].operations[p2].kind == set[n].operations[p].kind) {
                                    sum += set[n2].runs[r2][p2].server_ms;
                                    ++count;
                                }
                            }
                        }
                    }
                    CHECK(row.predicted.server_ms == Approx(count > 0 ? sum / count : 0).epsilon(1e-12));
                }
            }
        }
        CHECK(next == held_out.size());
    }
}

TEST_CASE("a trainer that takes a global mean over held-out times is caught") {
    const TrainingSet set = some_set();
    const FunctionTrainer leaking(
        [](const TrainingSet& visible) { return answer(means(visible, [](double) { return true; })); });
    for (const Split split : {Split::rows, Split::configurations, Split::networks}) {
        try {
            cross_validate(set, leaking, deal(set, split, 3, 1), options, 2);
            FAIL_CHECK("a leak was not noticed");
        } catch (const std::logic_error& error) {
            CHECK_THAT(error.what(), contains_text("planted predicts") && contains_text("of operation ") &&
                                         contains_text("it was trained with held-out times"));
        }
    }
}

TEST_CASE("nothing of a fold's times reaches its predictions") {
    const TrainingSet set = some_set();
    for (const Split split : {Split::rows, Split::configurations, Split::networks}) {
        const Folds folds = deal(set, split, 3, 4);
        const std::vector<HeldOut> held_out = cross_validate(set, honest, folds, options, 1);
        for (std::uint32_t fold = 0; fold < folds.fold_count; ++fold) {
            TrainingSet changed = set;
            for (std::size_t n = 0; n < set.size(); ++n) {
                for (std::size_t r = 0; r < set[n].runs.size(); ++r) {
                    for (std::size_t p = 0; p < set[n].operations.size(); ++p) {
                        if (folds.fold_of[n][r][p] == fold) {
                            changed[n].runs[r][p] = {1e6, 2e6};
                        }
                    }
                }
            }
            const std::vector<HeldOut> again = cross_validate(changed, honest, folds, options, 1);
            for (std::size_t i = 0; i < held_out.size(); ++i) {
                if (held_out[i].fold == fold) {
                    CHECK(again[i].predicted == held_out[i].predicted);
                }
            }
        }
    }
}

TEST_CASE("one thread and many give the same") {
    const TrainingSet set = some_set(12);
    const Folds folds = deal(set, Split::networks, 0, 1);
    const std::vector<HeldOut> one = cross_validate(set, honest, folds, options, 1);
    for (const unsigned threads : {2U, 5U, 64U}) {
        const std::vector<HeldOut> many = cross_validate(set, honest, folds, options, threads);
        CHECK(std::equal(one.begin(), one.end(), many.begin(), many.end(), is_equal));
    }
}

TEST_CASE("what the model of a fold says of a total stands beside its predictions") {
    const TrainingSet set = some_set();
    const FunctionTrainer stating(
        [](const TrainingSet&) { return [](const sotto_operation&) {
                                     return RoleTimes{1, 2};
                                 }; }, 0.25);
    for (const HeldOut& row : cross_validate(set, stating, deal(set, Split::networks, 0, 1), options, 2)) {
        CHECK(row.total_deviation_ms == 0.5 * static_cast<double>(set[row.network].operations.size()));
    }
    for (const HeldOut& row : cross_validate(set, honest, deal(set, Split::networks, 0, 1), options, 1)) {
        CHECK(std::isnan(row.total_deviation_ms));
    }
}

TEST_CASE("a kind that a fold has for itself is left out and the rest of its network predicted") {
    const TrainingSet set = {{"a", {relu(4), normalization(2, 1), relu(6)}, {{{1, 2}, {3, 4}, {5, 6}}}},
                             {"b", {relu(5)}, {{{7, 8}}}}};
    const FunctionTrainer by_kind(
        [](const TrainingSet& visible) {
            const auto of = means(visible, [](double time) { return !std::isnan(time); });
            return [of](const sotto_operation& operation) {
                if (!of.contains({operation.kind, Role::client})) {
                    throw std::domain_error("was not measured");
                }
                return RoleTimes{of.at({operation.kind, Role::client}), of.at({operation.kind, Role::server})};
            };
        },
        0.25);
    const std::vector<HeldOut> rows = cross_validate(set, by_kind, deal(set, Split::networks, 0, 1), options, 1);
    REQUIRE(rows.size() == 4);
    CHECK(rows[0].predicted == RoleTimes{7, 8});
    CHECK(std::isnan(rows[1].predicted.client_ms));
    CHECK(std::isnan(rows[1].predicted.server_ms));
    CHECK(rows[2].predicted == RoleTimes{7, 8});
    CHECK(rows[3].predicted == RoleTimes{3, 4});
    // Of what is predicted: a quarter of 8 + 8 and of 4.
    CHECK(rows[0].total_deviation_ms == 4);
    CHECK(rows[3].total_deviation_ms == 1);
}

TEST_CASE("a fold that holds everything is refused for what it is") {
    const TrainingSet set = {{"a", {relu(4), relu(6)}, {{{1, 2}, {5, 6}}}}};
    CHECK_THROWS_WITH(cross_validate(set, honest, deal(set, Split::networks, 0, 1), options, 1),
                      contains_text("everything is held out at once"));
}

TEST_CASE("a held-out time is not said to be unresolved") {
    TrainingSet set = some_set();
    set[0].runs[0][0].client_ms = std::nan("");
    set[0].unresolved = {{0, 0, Role::client}};
    const Folds folds = deal(set, Split::networks, 0, 1);
    CHECK(without_fold(set, folds, 0)[0].unresolved.empty());
    CHECK(without_fold(set, folds, 1)[0].unresolved.size() == 1);
}

TEST_CASE("only the named networks are held out and trained for") {
    const TrainingSet set = some_set();
    const Folds folds = deal(set, Split::networks, 0, 1);
    const int before = honest.trainings;
    const std::vector<HeldOut> some = cross_validate(set, honest, folds, options, 2, {"network4", "network1"});
    CHECK(honest.trainings - before == 2);
    std::vector<HeldOut> expected;
    for (const HeldOut& row : cross_validate(set, honest, folds, options, 1)) {
        if (row.network == 1 || row.network == 4) {
            expected.push_back(row);
        }
    }
    CHECK(std::equal(some.begin(), some.end(), expected.begin(), expected.end(), is_equal));
    CHECK_THROWS_AS(cross_validate(set, honest, folds, options, 1, {"network9"}), std::invalid_argument);
}

TEST_CASE("what the first failing fold throws is passed on whatever the number of threads") {
    const TrainingSet set = some_set();
    const Folds folds = deal(set, Split::networks, 0, 1);
    const FunctionTrainer failing([](const TrainingSet& visible) -> FunctionModel::Function {
        for (std::size_t n = 2; n < visible.size(); ++n) {
            if (std::isnan(visible[n].runs[0][0].client_ms)) {
                throw std::invalid_argument("fold " + std::to_string(n));
            }
        }
        return answer({});
    });
    for (const unsigned threads : {1U, 2U, 7U}) {
        CHECK_THROWS_WITH(cross_validate(set, failing, folds, options, threads), "fold 2");
    }
    const FunctionTrainer cancelled([](const TrainingSet&) -> FunctionModel::Function { throw Cancelled{}; });
    CHECK_THROWS_AS(cross_validate(set, cancelled, folds, options, 2), Cancelled);
}

TEST_CASE("a negative prediction is refused by model and operation") {
    const FunctionTrainer negative([](const TrainingSet&) {
        return [](const sotto_operation&) { return RoleTimes{1, -0.5}; };
    });
    const TrainingSet set = some_set();
    CHECK_THROWS_WITH(cross_validate(set, negative, deal(set, Split::rows, 2, 1), options, 1),
                      contains_text("planted predicts -0.5") && contains_text("ms for the server of operation ") &&
                          contains_text("'network0'"));
}
