// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/prefix_states.hpp"
#include "tools/nas-plugin/check/check.hpp"
#include "tools/nas-plugin/check/incremental.hpp"
#include "tools/nas-plugin/check/random_candidate.hpp"
#include "tools/nas-plugin/check/session.hpp"

namespace sotto::check {
namespace {

// Scores each from the state of the one before, and so from what the plug-in made of its parents.
void follow(const Context& context, const Session& session, const Incremental& extension,
            const std::vector<std::unique_ptr<Candidate>>& candidates, const std::string& what) {
    plugin::PrefixStates states = extension.states();
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const sotto_candidate& view = candidates[i]->view.view();
        const Record expected = session.evaluate(view);
        const auto parent = states.closest(view);
        const std::string child = what + ", number " + std::to_string(i) + ", with " +
                                  std::to_string(parent.prefix.operations) + " operations and " +
                                  std::to_string(parent.prefix.layers) + " layers of its parent";
        context.step("scoring " + child);
        sotto_incremental_state* kept = nullptr;
        const Record record = extension.evaluate(view, parent.kept == nullptr ? nullptr : &parent.prefix, &kept);
        expect_same(record, expected, child);
        if ((kept != nullptr) != (expected.status == SOTTO_OK)) {
            fail(child + ": found " + (kept != nullptr ? "a" : "no") +
                 " state, expected one where the candidate is scored and none otherwise");
        }
        if (kept != nullptr) {
            states.keep(view, kept);
        }
    }
}

void release_state(const Incremental& extension, sotto_incremental_state* state) {
    if (state != nullptr) {
        extension.release(state);
    }
}

std::string incremental(const Context& context) {
    Bench bench(context);
    const auto session = bench.session();
    const auto* const found = static_cast<const sotto_incremental*>(session->extension(SOTTO_INCREMENTAL_EXTENSION));
    if (found == nullptr) {
        skip("the plug-in does not offer '" SOTTO_INCREMENTAL_EXTENSION "'");
    }
    const Incremental extension(*session, *found);
    expect_deterministic(bench.description());
    const auto candidates = small_candidates(context.seed, 8);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const sotto_candidate& view = candidates[i]->view.view();
        const Record expected = session->evaluate(view);
        const std::string what = "candidate " + std::to_string(i);
        context.step("scoring " + what + " without a parent");
        sotto_incremental_state* parent = nullptr;
        expect_same(extension.evaluate(view, nullptr, nullptr), expected, what + " without a parent");
        expect_same(extension.evaluate(view, nullptr, &parent), expected, what + " without a parent, kept");
        if ((parent != nullptr) != (expected.status == SOTTO_OK)) {
            fail(what + ": found " + (parent != nullptr ? "a" : "no") +
                 " state, expected one where the candidate is scored and none otherwise");
        }
        if (parent == nullptr || view.program->operation_count == 0) {
            release_state(extension, parent);
            continue;
        }
        const std::uint32_t operations = view.program->operation_count;
        const std::uint32_t layers = view.network->layer_count;
        const std::pair<std::uint32_t, std::uint32_t> prefixes[] = {
            {operations / 2, layers / 2}, {operations - 1, layers - 1}, {operations, layers}};
        for (const auto& [shared_operations, shared_layers] : prefixes) {
            const sotto_prefix prefix = {sizeof(sotto_prefix), 0, parent, shared_operations, shared_layers};
            context.step("scoring " + what + " as a child of itself");
            sotto_incremental_state* child = nullptr;
            expect_same(extension.evaluate(view, &prefix, &child), expected, what + " as a child of itself");
            release_state(extension, child);
        }
        extension.release(parent);
    }
    // Chains of which each begins as the one before, and ends later, or earlier.
    std::vector<std::unique_ptr<Candidate>> chains;
    for (const std::uint32_t blocks : {4U, 6U, 10U, 11U, 3U, 12U, 6U}) {
        chains.push_back(long_candidate(blocks));
    }
    follow(context, *session, extension, chains, "a chain that begins as the one before");
    context.step("destroying the instance after its states were released");
    session->destroy();
    return {};
}

constexpr Check checks[] = {
    {"incremental-agrees", "A child scored from its parent gets the result it gets alone, to the last bit.",
     Scope::plugin, extension_results, incremental},
};

}  // namespace

std::span<const Check> incremental_checks() {
    return checks;
}

}  // namespace sotto::check
