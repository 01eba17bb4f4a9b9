// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/error_text.hpp"
#include "engine/random/random.hpp"
#include "tools/nas-plugin/check/check.hpp"
#include "tools/nas-plugin/check/random_candidate.hpp"
#include "tools/nas-plugin/check/session.hpp"

namespace sotto::check {
namespace {

using Bytes = std::vector<unsigned char>;

class Calibration {
  public:
    explicit Calibration(const Session& session)
        : session_(session),
          extension_(static_cast<const sotto_calibrate*>(session.extension(SOTTO_CALIBRATE_EXTENSION))) {
        if (extension_ == nullptr) {
            skip("the plug-in does not offer '" SOTTO_CALIBRATE_EXTENSION "'");
        }
    }

    Bytes save() const {
        std::uint64_t size = 0;
        expect_ok("save", [&](const sotto_error_sink* error) {
            return extension_->save(session_.instance(), nullptr, 0, &size, error);
        });
        constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;
        if (size > most_bytes) {
            fail("save: found a state of " + std::to_string(size) + " bytes, expected at most 2^30");
        }
        Bytes bytes(size + 1, canary);
        std::uint64_t written = 0;
        expect_ok("save", [&](const sotto_error_sink* error) {
            return extension_->save(session_.instance(), bytes.data(), size, &written, error);
        });
        if (written != size || bytes.back() != canary) {
            fail("save: said " + std::to_string(size) + " bytes and wrote " + std::to_string(written) +
                 " or beyond them");
        }
        bytes.pop_back();
        return bytes;
    }

    sotto_status load(const Bytes& bytes, std::string* reason = nullptr) const {
        plugin::ErrorText text;
        // A copy of the exact size, so that reading beyond it is seen by tools that watch memory.
        const Bytes copy = bytes;
        sotto_status status = SOTTO_INTERNAL;
        guarded("load", [&] { status = extension_->load(session_.instance(), copy.data(), copy.size(), text.sink()); });
        if (reason != nullptr) {
            *reason = text.text();
        }
        return status;
    }

    /// Scales what the plug-in gives by two; false where it refuses.
    bool fit(const std::vector<std::unique_ptr<Candidate>>& candidates, const std::vector<Record>& records) const {
        std::vector<sotto_measurement> measurements;
        std::vector<const sotto_measurement*> pointers;
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            for (std::uint32_t metric = 0; records[i].status == SOTTO_OK && metric < records[i].metrics.size();
                 ++metric) {
                measurements.push_back({sizeof(sotto_measurement), metric, SOTTO_WHOLE_PROGRAM, 0,
                                        2 * records[i].metrics[metric], 0, &candidates[i]->view.view()});
            }
        }
        for (const auto& measurement : measurements) {
            pointers.push_back(&measurement);
        }
        plugin::ErrorText text;
        sotto_status status = SOTTO_INTERNAL;
        guarded("fit", [&] {
            status = extension_->fit(session_.instance(), pointers.data(), static_cast<std::uint32_t>(pointers.size()),
                                     text.sink());
        });
        if (status != SOTTO_OK && text.text().empty()) {
            fail("fit: " + plugin::status_text(status) + " without a reason");
        }
        return status == SOTTO_OK;
    }

  private:
    static constexpr unsigned char canary = 0x5a;

    template <typename Function>
    void expect_ok(const char* name, Function&& function) const {
        plugin::ErrorText text;
        sotto_status status = SOTTO_INTERNAL;
        guarded(name, [&] { status = function(text.sink()); });
        if (status != SOTTO_OK) {
            fail(std::string(name) + ": " + plugin::status_text(status) + ": " + text.reason());
        }
    }

    const Session& session_;
    const sotto_calibrate* extension_;
};

void expect_same(const std::vector<Record>& found, const std::vector<Record>& expected, const std::string& what) {
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (!is_same(found[i], expected[i])) {
            fail(what + ": candidate " + std::to_string(i) + ": " + difference(found[i], expected[i]));
        }
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
     Scope::plugin, batchable_results, round_trip},
    {"garbage-state-refused", "States that no save gave are refused with a reason and change nothing.", Scope::plugin,
     batchable_results, garbage_refused},
};

}  // namespace

std::span<const Check> state_checks() {
    return checks;
}

}  // namespace sotto::check
