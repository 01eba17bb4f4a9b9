// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>

#include "engine/plugin/error_text.hpp"
#include "tools/nas-plugin/check/check.hpp"
#include "tools/nas-plugin/check/random_candidate.hpp"
#include "tools/nas-plugin/check/session.hpp"

namespace sotto::check {
namespace {

using Arguments = std::vector<std::pair<std::string, std::string>>;

std::string defaults(const Context& context) {
    Bench bench(context);
    context.step("create");
    const auto session = bench.session();
    context.step("destroy");
    session->destroy();
    return {};
}

std::string unknown_id(const Context& context) {
    Bench bench(context);
    const std::string id = context.plugin;
    for (const std::string& wrong :
         {std::string(), id + "x", id + " ", id + "/1", id.substr(0, id.size() - 1), std::string("no-such-plugin")}) {
        context.step("create of '" + wrong + '\'');
        if (wrong == id || std::ranges::any_of(bench.library().offered(),
                                               [&](const Offered& one) { return one.description.id == wrong; })) {
            continue;
        }
        const Creation creation = try_create(bench.offered(), bench.library().host().host(), wrong, bench.arguments());
        if (creation.status != SOTTO_INVALID_ARGUMENT) {
            fail("create('" + wrong + "'): found " + plugin::status_text(creation.status) +
                 ", expected invalid argument");
        }
    }
    return {};
}

std::string failed_create(const Context& context) {
    Bench bench(context);
    context.step("create of an unknown id");
    const Creation creation =
        try_create(bench.offered(), bench.library().host().host(), "no-such-plugin", bench.arguments());
    if (creation.status == SOTTO_OK) {
        skip("create does not fail");
    }
    if (creation.wrote_instance) {
        fail("create failed and wrote *instance, expected it as it was");
    }
    if (creation.text.empty()) {
        fail("create failed and gave no reason through the error sink");
    }
    return creation.text;
}

Arguments replaced(Arguments arguments, const std::string& name, const std::string& value) {
    for (auto& [known, held] : arguments) {
        if (known == name) {
            held = value;
        }
    }
    return arguments;
}

std::string integer_text(double value) {
    // The range is in doubles, the value in 64 bits.
    constexpr double least = -9223372036854775808.0;
    constexpr double most = 9223372036854774784.0;
    return std::to_string(static_cast<std::int64_t>(std::clamp(value, least, most)));
}

std::string number_text(double value) {
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%.17g", value);
    return buffer;
}

// Makes an instance with every end of every range and every choice; how many there were.
template <typename Look>
std::size_t over_extremes(const Context& context, Bench& bench, Look&& look) {
    std::size_t tried = 0;
    for (const plugin::Parameter& parameter : bench.description().parameters) {
        std::vector<std::string> values = parameter.choices;
        if (parameter.type == plugin::ParameterType::boolean) {
            values = {"false", "true"};
        } else if (parameter.type == plugin::ParameterType::integer) {
            values = {integer_text(parameter.least), integer_text(parameter.most)};
        } else if (parameter.type == plugin::ParameterType::number) {
            values = {number_text(parameter.least), number_text(parameter.most)};
        } else if (values.empty()) {
            values = {"", "no such text"};
        }
        for (const std::string& value : values) {
            const std::string what = parameter.name + '=' + value;
            context.step("create with " + what);
            ++tried;
            look(try_create(bench.offered(), bench.library().host().host(), context.plugin,
                            replaced(bench.arguments(), parameter.name, value)),
                 what);
        }
    }
    if (tried == 0) {
        skip("no parameter is declared");
    }
    return tried;
}

std::string allowed_values(const Context& context) {
    Bench bench(context);
    const std::size_t tried = over_extremes(context, bench, [&](const Creation& creation, const std::string& what) {
        if (creation.instance != nullptr) {
            guarded("destroy", [&] { creation.instance->destroy(creation.instance); });
        } else if (creation.text.empty()) {
            fail(what + ": create refuses with " + plugin::status_text(creation.status) + " and gives no reason");
        }
    });
    return std::to_string(tried) + " values";
}

std::string allowed_values_scored(const Context& context) {
    const auto start = std::chrono::steady_clock::now();
    Bench bench(context);
    const auto candidates = small_candidates(context.seed, 3);
    const auto views = views_of(candidates);
    std::size_t scored = 0;
    over_extremes(context, bench, [&](const Creation& creation, const std::string& what) {
        if (creation.instance == nullptr) {
            return;
        }
        Session session(bench.description(), creation.instance);
        // A slow plug-in is not taken for one that hangs.
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
        if (spent.count() < context.timeout_seconds / 2) {
            ++scored;
            context.step("evaluating with " + what);
            for (const Record& record : session.evaluate(views)) {
                expect_sound(record, bench.description(), "a candidate with " + what);
            }
        }
        context.step("destroy with " + what);
        session.destroy();
    });
    return std::to_string(scored) + " values";
}

std::string wrong_values(const Context& context) {
    Bench bench(context);
    std::string accepted;
    std::size_t tried = 0;
    const auto attempt = [&](const Arguments& arguments, const std::string& what) {
        context.step("create with " + what);
        ++tried;
        const Creation creation = try_create(bench.offered(), bench.library().host().host(), context.plugin, arguments);
        if (creation.instance != nullptr) {
            guarded("destroy", [&] { creation.instance->destroy(creation.instance); });
            accepted += (accepted.empty() ? "" : ", ") + what;
        } else if (creation.text.empty()) {
            fail(what + ": create refuses with " + plugin::status_text(creation.status) + " and gives no reason");
        }
    };
    for (const plugin::Parameter& parameter : bench.description().parameters) {
        std::vector<std::string> values;
        switch (parameter.type) {
            case plugin::ParameterType::integer:
                values = {"", "seven", "1.5", "99999999999999999999999"};
                break;
            case plugin::ParameterType::number:
                values = {"", "seven", "nan", "inf", "1,5"};
                break;
            case plugin::ParameterType::boolean:
                values = {"", "yes", "TRUE"};
                break;
            case plugin::ParameterType::text:
                break;
        }
        if (!parameter.choices.empty()) {
            values.push_back("none of the choices");
        }
        const bool is_range =
            parameter.type == plugin::ParameterType::integer || parameter.type == plugin::ParameterType::number;
        if (is_range && std::abs(parameter.least) < 1e15) {
            values.push_back(number_text(parameter.least - 1));
        }
        if (is_range && std::abs(parameter.most) < 1e15) {
            values.push_back(number_text(parameter.most + 1));
        }
        for (const std::string& value : values) {
            attempt(replaced(bench.arguments(), parameter.name, value), parameter.name + "='" + value + '\'');
        }
    }
    Arguments unknown = bench.arguments();
    unknown.emplace_back("no-such-parameter", "1");
    attempt(unknown, "no-such-parameter='1'");
    if (!accepted.empty()) {
        warn("create accepts " + accepted + "; the host refuses such values before, another host may not");
    }
    return std::to_string(tried) + " refused";
}

std::string descriptor_kept(const Context& context) {
    Bench bench(context);
    const auto candidate = plain_candidate(context.seed);
    const auto session = bench.session();
    const auto expect_kept = [&](const std::string& when) {
        if (bench.library().find(context).description != bench.description()) {
            fail("found other values in the descriptor " + when + ", expected them as before");
        }
    };
    expect_kept("after create");
    static_cast<void>(session->evaluate(candidate->view.view()));
    session->destroy();
    expect_kept("after an evaluation and destroy");
    return {};
}

std::string unknown_extension(const Context& context) {
    Bench bench(context);
    const auto session = bench.session();
    for (const char* id : {"", "sotto", "sotto.per-operation", "sotto.per-operation/1x", "sotto.per-operation/10",
                           "sotto.uncertainty/1 ", "sotto.calibrate/2", "sotto.incremental/1x", "org.example/1"}) {
        context.step(std::string("get_extension of '") + id + '\'');
        if (session->extension(id) != nullptr) {
            fail(std::string("get_extension('") + id + "'): found an extension, expected null");
        }
    }
    return {};
}

std::string create_many(const Context& context) {
    constexpr int sessions = 100;
    Bench bench(context);
    const auto candidate = plain_candidate(context.seed);
    for (int i = 0; i < sessions; ++i) {
        context.step("create and destroy, number " + std::to_string(i));
        bench.session()->destroy();
    }
    context.step("many instances at once");
    std::vector<std::unique_ptr<Session>> held;
    constexpr std::size_t at_once = 10;
    held.reserve(at_once);
    while (held.size() < at_once) {
        held.push_back(bench.session());
    }
    for (const auto& session : held) {
        session->destroy();
    }
    return {};
}

constexpr Check checks[] = {
    {"creates-with-defaults", "create succeeds with the default of every parameter (and what --param gives).",
     Scope::plugin, "describes-plugins", defaults},
    {"unknown-plugin-refused", "create refuses ids it does not know, and known ones with more behind.", Scope::plugin,
     "creates-with-defaults", unknown_id},
    {"failed-create-leaves-instance", "A create that fails leaves *instance as it was and gives a reason.",
     Scope::plugin, "creates-with-defaults", failed_create},
    {"allowed-values-answered", "Every extreme of the declared parameters is accepted, or refused with a reason.",
     Scope::plugin, "creates-with-defaults", allowed_values},
    {"wrong-values-refused", "create refuses wrong, unknown and out-of-range values with a reason (warning otherwise).",
     Scope::plugin, "creates-with-defaults", wrong_values},
    {"unknown-extension-null",
     "get_extension gives null for ids it does not know, and for known ones with more behind.", Scope::plugin,
     "creates-with-defaults", unknown_extension},
    {"create-destroy-many", "A hundred instances one after another and ten at once can be made and destroyed.",
     Scope::plugin, "creates-with-defaults", create_many},
};

// After the checks of results.
constexpr Check scored_checks[] = {
    {"descriptor-kept", "The descriptor is the same after create, evaluations and destroy.", Scope::plugin,
     "creates-with-defaults evaluates", descriptor_kept},
    {"allowed-values-scored", "With every extreme of the declared parameters that create accepts, results are sound.",
     Scope::plugin, sound_results, allowed_values_scored},
};

}  // namespace

std::span<const Check> creation_checks() {
    return checks;
}

std::span<const Check> parameter_checks() {
    return scored_checks;
}

}  // namespace sotto::check
