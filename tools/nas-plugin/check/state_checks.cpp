// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/error_text.hpp"
#include "engine/random/random.hpp"
#include "tools/nas-plugin/check/calibration.hpp"
#include "tools/nas-plugin/check/check.hpp"
#include "tools/nas-plugin/check/flat_candidate.hpp"
#include "tools/nas-plugin/check/random_candidate.hpp"
#include "tools/nas-plugin/check/session.hpp"

namespace sotto::check {
namespace {

void expect_same(const std::vector<Record>& found, const std::vector<Record>& expected, const std::string& what) {
    for (std::size_t i = 0; i < found.size(); ++i) {
        expect_same(found[i], expected[i], what + ": candidate " + std::to_string(i));
    }
}

std::string round_trip(const Context& context) {
    Bench bench(context);
    const auto session = bench.session();
    const Calibration calibration(*session);
    const auto candidates = small_candidates(context.seed, 12);
    const auto views = views_of(candidates);
    const auto original = session->evaluate(views);
    const auto compare_copy = [&](const std::string& what) {
        context.step("saving and loading the state, " + what);
        const auto expected = session->evaluate(views);
        const auto other = bench.session();
        const Calibration copy(*other);
        std::string reason;
        if (const sotto_status status = copy.load(calibration.save(), &reason); status != SOTTO_OK) {
            fail("load of a saved state, " + what + ": " + plugin::status_text(status) + ": " + reason);
        }
        expect_same(other->evaluate(views), expected, "a copy of the state, " + what);
    };
    compare_copy("not fitted");
    context.step("fitting");
    if (!calibration.fit(candidates, original)) {
        expect_same(session->evaluate(views), original, "after a fit that was refused");
        return "fit refuses measurements of whole programs; the state not fitted was tried alone";
    }
    compare_copy("fitted");
    return {};
}

std::string fit_repeatable(const Context& context) {
    Bench bench(context);
    const auto candidates = small_candidates(context.seed, 12);
    const auto views = views_of(candidates);
    const auto session = bench.session();
    const Calibration calibration(*session);
    const auto original = session->evaluate(views);
    context.step("fitting");
    if (!calibration.fit(candidates, original)) {
        skip("fit refuses measurements of whole programs");
    }
    const auto fitted = session->evaluate(views);
    const Bytes state = calibration.save();
    const bool is_same_state = state == calibration.save();
    context.step("fitting to the same measurements again");
    if (!calibration.fit(candidates, original)) {
        fail("found the same measurements refused the second time, expected them to replace what was fitted before");
    }
    expect_same(session->evaluate(views), fitted, "fitted to the same measurements twice");
    context.step("fitting another instance to the same measurements");
    const auto other = bench.session();
    const Calibration other_calibration(*other);
    if (!other_calibration.fit(candidates, original)) {
        fail("found the same measurements refused by another instance");
    }
    expect_same(other->evaluate(views), fitted, "another instance, fitted to the same measurements");
    if (!is_same_state || other_calibration.save() != state) {
        warn("the same state was saved as other bytes, so that files of it cannot be compared");
    }
    return {};
}

std::string fit_answered(const Context& context) {
    Bench bench(context);
    const auto session = bench.session();
    const Calibration calibration(*session);
    const auto candidates = small_candidates(context.seed, 6);
    const auto views = views_of(candidates);
    const sotto_candidate* const plain = views.front();
    FlatCandidate unknown(*plain);
    if (unknown.program.operation_count > 0) {
        unknown.operation(0).kind = unknown_kind;
    }
    unknown.layer(1).kind = unknown_kind;
    struct Case {
        std::string what;
        std::vector<sotto_measurement> measurements;
    };
    const auto of = [](const sotto_candidate& candidate, std::uint32_t operation, double value, double deviation) {
        return sotto_measurement{sizeof(sotto_measurement), 0, operation, 0, value, deviation, &candidate};
    };
    const std::vector<Case> cases = {
        {"no measurement", {}},
        {"one measurement", {of(*plain, SOTTO_WHOLE_PROGRAM, 3, 0)}},
        {"one measurement of one operation", {of(*plain, plain->program->operation_count - 1, 3, 0.5)}},
        {"the same measurement twice", {of(*plain, SOTTO_WHOLE_PROGRAM, 3, 0), of(*plain, SOTTO_WHOLE_PROGRAM, 3, 0)}},
        {"two measurements that contradict each other",
         {of(*plain, SOTTO_WHOLE_PROGRAM, 3, 1), of(*plain, SOTTO_WHOLE_PROGRAM, 1e6, 1)}},
        {"measurements of zero", {of(*plain, SOTTO_WHOLE_PROGRAM, 0, 0), of(*views.back(), SOTTO_WHOLE_PROGRAM, 0, 0)}},
        {"a negative measurement", {of(*plain, SOTTO_WHOLE_PROGRAM, -5, 0)}},
        {"a huge measurement", {of(*plain, SOTTO_WHOLE_PROGRAM, 1e15, 0)}},
        {"a measurement of an unknown kind", {of(unknown.candidate, SOTTO_WHOLE_PROGRAM, 3, 0)}},
    };
    std::size_t refused = 0;
    for (const Case& one : cases) {
        const auto before = session->evaluate(views);
        std::vector<const sotto_measurement*> pointers;
        for (const sotto_measurement& measurement : one.measurements) {
            pointers.push_back(&measurement);
        }
        context.step("fitting to " + one.what);
        const bool is_fitted = calibration.fit(pointers);
        context.step("evaluating after a fit to " + one.what);
        const auto after = session->evaluate(views);
        if (!is_fitted) {
            ++refused;
            expect_same(after, before, "after a refused fit to " + one.what);
        }
        for (std::size_t i = 0; i < after.size(); ++i) {
            expect_sound(after[i], bench.description(),
                         "candidate " + std::to_string(i) + " after a fit to " + one.what);
        }
    }
    return std::to_string(refused) + " of " + std::to_string(cases.size()) + " refused";
}

std::string garbage_refused(const Context& context) {
    constexpr std::uint64_t noise_size = 1000;
    Bench bench(context);
    const auto session = bench.session();
    const Calibration calibration(*session);
    const auto candidates = small_candidates(context.seed, 6);
    const auto views = views_of(candidates);
    const auto expected = session->evaluate(views);
    const Bytes saved = calibration.save();
    random::Stream stream(context.seed, 0, 0, random::Purpose::test);
    std::vector<std::pair<std::string, Bytes>> wrong = {{"no bytes", {}}};
    if (!saved.empty()) {
        wrong.emplace_back("a state cut short by one byte", Bytes(saved.begin(), saved.end() - 1));
        wrong.emplace_back("the first half of a state",
                           Bytes(saved.begin(), saved.begin() + static_cast<std::ptrdiff_t>(saved.size() / 2)));
        wrong.emplace_back("a state with a byte more", saved);
        wrong.back().second.push_back(0);
    }
    for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{saved.size()}, noise_size}) {
        Bytes noise;
        for (std::uint64_t i = 0; i < size; ++i) {
            noise.push_back(static_cast<unsigned char>(stream.below(256)));
        }
        wrong.emplace_back(std::to_string(size) + " random bytes", std::move(noise));
    }
    for (int i = 0; i < 16 && !saved.empty(); ++i) {
        Bytes changed = saved;
        const std::uint64_t at = stream.below(changed.size());
        changed[at] = static_cast<unsigned char>(changed[at] ^ (1U << stream.below(8)));
        wrong.emplace_back("a state with byte " + std::to_string(at) + " changed", std::move(changed));
    }
    for (const auto& [what, bytes] : wrong) {
        context.step("loading " + what);
        if (bytes == saved) {
            continue;
        }
        std::string reason;
        const sotto_status status = calibration.load(bytes, &reason);
        if (status != SOTTO_INVALID_ARGUMENT) {
            fail("load of " + what + ": found " + plugin::status_text(status) + ", expected invalid argument");
        }
        if (reason.empty()) {
            fail("load of " + what + ": refused without a reason");
        }
        expect_same(session->evaluate(views), expected, "after a refused load of " + what);
    }
    return std::to_string(wrong.size()) + " states";
}

constexpr Check checks[] = {
    {"state-round-trip", "A saved state, loaded into another instance, gives the same results to the last bit.",
     Scope::plugin, extension_results, round_trip},
    {"fit-repeatable", "The same measurements give the same state, whatever was fitted before.", Scope::plugin,
     extension_results, fit_repeatable},
    {"fit-answered", "Few and odd measurements are fitted, or refused with a reason and without effect.", Scope::plugin,
     extension_results, fit_answered},
    {"garbage-state-refused", "States that no save gave are refused with a reason and change nothing.", Scope::plugin,
     extension_results, garbage_refused},
};

}  // namespace

std::span<const Check> state_checks() {
    return checks;
}

}  // namespace sotto::check
