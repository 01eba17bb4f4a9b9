// SPDX-License-Identifier: Apache-2.0
// Built in or loaded: a shipped plug-in declares the same and gives the same, to the last bit.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/plugin/registry.hpp"
#include "engine/secure/lowering.hpp"
#include "search/space/space.hpp"
#include "tests/support/catch.hpp"

extern "C" {
#define FORM(name, file) extern const sotto_plugin_entry_v1 sotto_##name##_entry;
#include "forms.inc"
#undef FORM
}

using namespace sotto;
using namespace sotto::plugin;

namespace {

struct Form {
    std::string name;
    const sotto_plugin_entry_v1* built_in;
    std::string library;
};

const std::vector<Form> forms = {
#define FORM(name, file) {#name, &sotto_##name##_entry, file},
#include "forms.inc"
#undef FORM
};

// Random networks of configs/squeezenet_space.yaml.
struct Candidates {
    explicit Candidates(std::size_t count) {
        const search::Space space = search::Space::load_file(SOTTO_SOURCE_DIRECTORY "/configs/squeezenet_space.yaml");
        search::Space::Decoder decoder(space);
        secure::Lowering lowering("athos-cheetah");
        for (std::uint32_t i = 0; pointers.size() < count; ++i) {
            random::Stream stream(11, 0, i, random::Purpose::random_sample);
            search::Rejection rejection;
            const arch::Network* const network = decoder.decode(space.sample(stream), rejection);
            REQUIRE(network != nullptr);
            secure::SecureProgram program;
            REQUIRE_FALSE(lowering.lower(*network, program));
            views.push_back(std::make_unique<CandidateView>());
            views.back()->set(i, network, &program);
            pointers.push_back(views.back().get());
        }
    }
    std::vector<std::unique_ptr<CandidateView>> views;
    std::vector<const CandidateView*> pointers;
};

std::vector<std::uint64_t> bits_of(const std::vector<double>& values) {
    std::vector<std::uint64_t> bits(values.size());
    std::transform(values.begin(), values.end(), bits.begin(),
                   [](double value) { return std::bit_cast<std::uint64_t>(value); });
    return bits;
}

std::vector<Score> scores_of(const Instance& instance, const Candidates& candidates) {
    std::vector<Score> scores(candidates.pointers.size());
    instance.evaluate(candidates.pointers, scores);
    return scores;
}

void compare(const Instance& built_in, const Instance& loaded, const Candidates& candidates) {
    const std::vector<Score> expected = scores_of(built_in, candidates);
    const std::vector<Score> found = scores_of(loaded, candidates);
    std::map<std::vector<std::uint64_t>, int> distinct;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i, expected[i].reason, found[i].reason);
        REQUIRE(found[i].status == expected[i].status);
        CHECK(found[i].reason == expected[i].reason);
        if (expected[i].status != Score::Status::ok) {
            REQUIRE(expected[i].status == Score::Status::unsupported);
            continue;
        }
        CHECK((bits_of(found[i].metrics) == bits_of(expected[i].metrics)));
        CHECK((bits_of(loaded.per_operation(*candidates.pointers[i])) ==
               bits_of(built_in.per_operation(*candidates.pointers[i]))));
        CHECK((bits_of(loaded.standard_deviations(*candidates.pointers[i])) ==
               bits_of(built_in.standard_deviations(*candidates.pointers[i]))));
        ++distinct[bits_of(found[i].metrics)];
    }
    // Networks that are all refused, or all cost the same, would compare nothing.
    CHECK(distinct.size() > expected.size() / 2);
}

// With the plug-ins' own parameters, and where there is a setting, in each.
std::vector<std::map<std::string, std::string>> arguments_of(const Description& description) {
    for (const Parameter& parameter : description.parameters) {
        if (parameter.name == "setting") {
            std::vector<std::map<std::string, std::string>> all;
            for (const std::string& choice : parameter.choices) {
                all.push_back({{"setting", choice}});
            }
            return all;
        }
    }
    return {{}};
}

}  // namespace

TEST_CASE("a shipped plug-in declares the same built in and loaded") {
    REQUIRE(forms.size() >= 3);
    for (const Form& form : forms) {
        CAPTURE(form.name);
        Registry built_in({});
        built_in.add_built_in(*form.built_in, form.name);
        Registry loaded({});
        loaded.load_library(form.library);
        const auto expected = built_in.list();
        const auto found = loaded.list();
        REQUIRE(expected.size() == found.size());
        REQUIRE_FALSE(expected.empty());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            CHECK(found[i].kind == expected[i].kind);
            CHECK(found[i].id == expected[i].id);
            CHECK(found[i].version == expected[i].version);
            CHECK(expected[i].library.empty());
            CHECK(found[i].library == form.library);
        }
    }
}

TEST_CASE("a shipped plug-in gives the same built in and loaded to the last bit") {
    for (const Form& form : forms) {
        Registry built_in({});
        built_in.add_built_in(*form.built_in, form.name);
        Registry loaded({});
        loaded.load_library(form.library);
        for (const Description& description : built_in.list()) {
            // As many candidates as a second and a half is enough for; what trains networks takes minutes for one.
            constexpr double all_us = 1.5e6;
            constexpr double training_us = 1e7;
            if (description.typical_cost_us > training_us) {
                continue;
            }
            const double affordable = all_us / std::max(description.typical_cost_us, 1.0);
            const Candidates candidates(static_cast<std::size_t>(std::clamp(affordable, 6.0, 200.0)));
            for (const auto& arguments : arguments_of(description)) {
                CAPTURE(description.id, arguments);
                compare(*built_in.create(description.kind, description.id, arguments),
                        *loaded.create(description.kind, description.id, arguments), candidates);
            }
        }
    }
}
