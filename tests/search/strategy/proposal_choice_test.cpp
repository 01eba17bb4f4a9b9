// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/proposal_choice.hpp"

#include <cstddef>
#include <deque>
#include <random>
#include <set>
#include <vector>

#include "search/pareto/archive.hpp"
#include "search/pareto/pareto.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::search;

namespace {

std::deque<Proposal> random_proposals(std::size_t count, std::mt19937_64& engine) {
    std::uniform_real_distribution<double> uniform(0, 1);
    std::deque<Proposal> proposals(count);
    for (Proposal& proposal : proposals) {
        proposal.network = engine() % (count / 2);  // some give the same network
        proposal.expected = {uniform(engine), uniform(engine)};
        proposal.drawn = {uniform(engine), uniform(engine)};
        proposal.keeps = uniform(engine);
    }
    return proposals;
}

/// The greedy choice as it is defined: whole hypervolumes, before and after.
std::vector<std::size_t> chosen_by_definition(const std::deque<Proposal>& proposals, sotto::pareto::Archive front,
                                              const std::vector<double>& reference, std::size_t count) {
    std::vector<std::size_t> chosen;
    std::set<std::uint64_t> networks;
    std::uint64_t id = 1000;
    while (chosen.size() < count) {
        std::size_t best = proposals.size();
        double most = 0;
        const double before = front.hypervolume(reference);
        for (std::size_t i = 0; i < proposals.size(); ++i) {
            if (networks.count(proposals[i].network) > 0) {
                continue;
            }
            sotto::pareto::Archive with = front;
            with.add(id, std::vector<double>{proposals[i].expected[0], proposals[i].expected[1]});
            const double gain = proposals[i].keeps * (with.hypervolume(reference) - before);
            if (gain > most + 1e-12) {
                most = gain;
                best = i;
            }
        }
        if (best == proposals.size()) {
            break;
        }
        front.add(++id, std::vector<double>{proposals[best].expected[0], proposals[best].expected[1]});
        networks.insert(proposals[best].network);
        chosen.push_back(best);
    }
    return chosen;
}

}  // namespace

TEST_CASE("proposals are taken by gain as the definition takes them") {
    std::mt19937_64 engine(5);
    for (int round = 0; round < 40; ++round) {
        std::deque<Proposal> proposals = random_proposals(30, engine);
        sotto::pareto::Archive front(2);
        // Ends at 0.1 and 0.9: the reference lies a tenth of the front's extent beyond them.
        front.add(1, std::vector<double>{0.1, 0.9});
        front.add(2, std::vector<double>{0.5, 0.6});
        front.add(3, std::vector<double>{0.9, 0.1});
        const std::vector<std::size_t> expected = chosen_by_definition(proposals, front, {0.98, 0.98}, 8);
        ProposalChoice choice(proposals);
        choice.take_by_gain(8, by_mean, front);
        REQUIRE(choice.plans().size() == expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            CHECK(choice.plans()[i].proposal == &proposals[expected[i]]);
            CHECK(choice.plans()[i].chooser == by_mean);
        }
    }
}

TEST_CASE("a network is taken once whichever way comes first") {
    std::mt19937_64 engine(6);
    std::deque<Proposal> proposals = random_proposals(30, engine);
    SurvivorSelection selection(2, 10);
    sotto::pareto::Archive front(2);
    front.add(1, std::vector<double>{0.5, 0.5});
    ProposalChoice choice(proposals);
    choice.take_unseen(3, 2);
    REQUIRE(choice.plans().size() <= 2);
    CHECK(choice.plans()[0].proposal == &proposals[0]);
    choice.take_by_gain(4, by_draw, front);
    choice.take_by_rank(100, {}, selection);
    std::set<std::uint64_t> networks;
    for (const Plan& plan : choice.plans()) {
        CHECK(networks.insert(plan.proposal->network).second);
    }
    std::set<std::uint64_t> all;
    for (const Proposal& proposal : proposals) {
        all.insert(proposal.network);
    }
    CHECK(networks == all);
}
