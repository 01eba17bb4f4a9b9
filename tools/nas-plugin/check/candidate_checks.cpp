// SPDX-License-Identifier: Apache-2.0
// Candidates that are unusual, unknown or laid out by a newer host.
#include <algorithm>

#include "engine/plugin/error_text.hpp"
#include "tools/nas-plugin/check/check.hpp"
#include "tools/nas-plugin/check/flat_candidate.hpp"
#include "tools/nas-plugin/check/random_candidate.hpp"
#include "tools/nas-plugin/check/session.hpp"

namespace sotto::check {
namespace {

void expect_program_alone(const plugin::Description& description) {
    if (!description.needs_program) {
        skip("the plug-in does not need the program");
    }
    if (description.needs_network) {
        skip("the plug-in needs the network beside the program");
    }
}

// Evaluates, whatever the call as a whole says: a plug-in may refuse one candidate by refusing the call.
Record answer(const Session& session, const sotto_candidate& candidate) {
    const sotto_candidate* const one = &candidate;
    Call call = session.call({&one, 1});
    Record record = std::move(call.records.front());
    if (call.status != SOTTO_OK) {
        record.status = call.status;
        record.text = call.text;
    }
    return record;
}

void expect_unsupported(const Session& session, const sotto_candidate& candidate, const std::string& what) {
    const Record record = answer(session, candidate);
    if (record.status != SOTTO_UNSUPPORTED) {
        fail(what + ": found " + plugin::status_text(record.status) + ", expected unsupported");
    }
}

struct UnknownCase {
    std::string what;
    void (*edit)(FlatCandidate&);
};

std::vector<UnknownCase> unknown_operations() {
    return {{"an unknown operation kind", [](FlatCandidate& flat) { flat.operation(1).kind = unknown_kind; }},
            {"a negative operation kind", [](FlatCandidate& flat) { flat.operation(0).kind = -1; }}};
}

std::vector<UnknownCase> unknown_layers() {
    return {{"an unknown layer kind", [](FlatCandidate& flat) { flat.layer(1).kind = unknown_kind; }},
            {"an unknown activation", [](FlatCandidate& flat) {
                 for (std::uint32_t i = 0; i < flat.network.layer_count; ++i) {
                     if (flat.layer(i).kind == SOTTO_LAYER_ACTIVATION) {
                         flat.layer(i).activation = unknown_kind;
                     }
                 }
             }}};
}

std::string over_unknown(const Context& context, const std::vector<UnknownCase>& cases) {
    Bench bench(context);
    const auto session = bench.session();
    const auto candidate = plain_candidate(context.seed);
    for (const UnknownCase& one : cases) {
        context.step("evaluating " + one.what);
        FlatCandidate flat(candidate->view.view());
        one.edit(flat);
        expect_unsupported(*session, flat.candidate, one.what);
    }
    return {};
}

std::string unknown_operation(const Context& context) {
    if (!Bench(context).description().needs_program) {
        skip("the plug-in does not need the program");
    }
    return over_unknown(context, unknown_operations());
}

std::string unknown_layer(const Context& context) {
    if (!Bench(context).description().needs_network) {
        skip("the plug-in does not need the network");
    }
    return over_unknown(context, unknown_layers());
}

std::string reasons(const Context& context) {
    Bench bench(context);
    const auto session = bench.session();
    const auto candidate = plain_candidate(context.seed);
    FlatCandidate flat(candidate->view.view());
    if (bench.description().needs_program) {
        flat.operation(1).kind = unknown_kind;
    }
    if (bench.description().needs_network) {
        flat.layer(1).kind = unknown_kind;
    }
    context.step("evaluating an unknown kind");
    const Record record = answer(*session, flat.candidate);
    if (record.status == SOTTO_OK) {
        skip("an unknown kind is not refused");
    }
    if (record.text.empty()) {
        fail("found " + plugin::status_text(record.status) +
             " without a text, expected the layer or operation and the reason through the error sink");
    }
    return record.text;
}

sotto_operation one_operation(std::int32_t kind) {
    sotto_operation operation{};
    operation.struct_size = sizeof operation;
    operation.kind = kind;
    operation.input = {16, 8, 8};
    operation.output = {16, 8, 8};
    switch (kind) {
        case SOTTO_OPERATION_CONVOLUTION:
            operation.window = {3, 3, 1, 1, 1, 1, 1, 1};
            break;
        case SOTTO_OPERATION_MAX_POOL:
        case SOTTO_OPERATION_AVERAGE_POOL:
            operation.window = {2, 2, 2, 2, 0, 0, 0, 0};
            operation.output = {16, 4, 4};
            break;
        case SOTTO_OPERATION_BATCH_NORMALIZATION:
            operation.normalization = SOTTO_NORMALIZATION_ELEMENTWISE;
            break;
        case SOTTO_OPERATION_FULLY_CONNECTED:
            operation.input = {16, 1, 1};
            operation.output = {10, 1, 1};
            break;
        case SOTTO_OPERATION_ARGMAX:
            operation.input = {10, 1, 1};
            operation.output = {1, 1, 1};
            break;
        default:
            break;
    }
    operation.elements = std::int64_t{operation.output.channels} * operation.output.height * operation.output.width;
    return operation;
}

std::string undeclared_kinds(const Context& context) {
    Bench bench(context);
    const auto& known = bench.description().operation_kinds;
    expect_program_alone(bench.description());
    if (known.empty()) {
        skip("the plug-in does not declare which operations it scores");
    }
    const auto session = bench.session();
    const auto candidate = plain_candidate(context.seed);
    std::size_t tried = 0;
    for (std::int32_t kind = SOTTO_OPERATION_CONVOLUTION; kind <= SOTTO_OPERATION_ARGMAX; ++kind) {
        if (std::ranges::find(known, kind) != known.end()) {
            continue;
        }
        ++tried;
        context.step("evaluating a program of one operation of kind " + std::to_string(kind));
        FlatCandidate flat(candidate->view.view());
        flat.set_operations({one_operation(kind)});
        expect_unsupported(*session, flat.candidate, "operation kind " + std::to_string(kind) + ", not declared");
    }
    return std::to_string(tried) + " kinds";
}

std::string empty_program(const Context& context) {
    Bench bench(context);
    expect_program_alone(bench.description());
    const auto session = bench.session();
    const auto candidate = plain_candidate(context.seed);
    FlatCandidate flat(candidate->view.view());
    flat.set_operations({});
    context.step("evaluating a program without operations");
    expect_sound(answer(*session, flat.candidate), bench.description(), "a program without operations");
    return {};
}

std::string one_operation_programs(const Context& context) {
    Bench bench(context);
    expect_program_alone(bench.description());
    const auto session = bench.session();
    const auto candidate = plain_candidate(context.seed);
    for (std::int32_t kind = SOTTO_OPERATION_CONVOLUTION; kind <= SOTTO_OPERATION_ARGMAX; ++kind) {
        const std::string what = "a program of one operation of kind " + std::to_string(kind);
        context.step("evaluating " + what);
        FlatCandidate flat(candidate->view.view());
        flat.set_operations({one_operation(kind)});
        expect_sound(answer(*session, flat.candidate), bench.description(), what);
    }
    return {};
}

std::string huge_operations(const Context& context) {
    Bench bench(context);
    expect_program_alone(bench.description());
    const auto session = bench.session();
    const auto candidate = plain_candidate(context.seed);
    for (const std::int32_t kind : {SOTTO_OPERATION_RELU, SOTTO_OPERATION_TRUNCATION, SOTTO_OPERATION_MULTIPLY,
                                    SOTTO_OPERATION_CONVOLUTION, SOTTO_OPERATION_MAX_POOL}) {
        const std::string what = "an operation of kind " + std::to_string(kind) + " over 2^31 elements";
        context.step("evaluating " + what);
        sotto_operation operation = one_operation(kind);
        operation.input = {2048, 1024, 1024};
        operation.output = operation.input;
        if (kind == SOTTO_OPERATION_CONVOLUTION) {
            operation.input.channels = 1;  // stays within the host's limits for the work of one layer
            operation.window = {1, 1, 1, 1, 0, 0, 0, 0};
        } else if (kind == SOTTO_OPERATION_MAX_POOL) {
            operation.window = {3, 3, 1, 1, 1, 1, 1, 1};
        }
        operation.elements = std::int64_t{1} << 31;
        FlatCandidate flat(candidate->view.view());
        flat.set_operations({operation});
        expect_sound(answer(*session, flat.candidate), bench.description(), what);
    }
    return {};
}

std::string long_network(const Context& context) {
    constexpr std::uint32_t blocks = 500;
    Bench bench(context);
    const auto session = bench.session();
    const auto candidate = long_candidate(blocks);
    context.step("evaluating a chain of 1000 layers");
    const Record record = answer(*session, candidate->view.view());
    if (record.status != SOTTO_OUT_OF_MEMORY) {
        expect_sound(record, bench.description(), "a chain of 1000 layers");
    }
    return {};
}

std::string absent_views(const Context& context) {
    Bench bench(context);
    const auto session = bench.session();
    const auto candidate = plain_candidate(context.seed);
    const Record expected = session->evaluate(candidate->view.view());
    sotto_candidate bare = candidate->view.view();
    if (bench.description().needs_program && bench.description().needs_network) {
        skip("the plug-in needs both views");
    }
    if (bench.description().needs_program) {
        bare.network = nullptr;
    } else {
        bare.program = nullptr;
    }
    context.step("evaluating without the view that the plug-in does not need");
    expect_as_before(bench, session->evaluate(bare), expected, "without the view that is not needed");
    return {};
}

std::string strides(const Context& context) {
    constexpr std::size_t added = 24;
    Bench bench(context);
    const auto session = bench.session();
    const auto candidate = plain_candidate(context.seed);
    const Record expected = session->evaluate(candidate->view.view());
    const FlatCandidate flat(candidate->view.view(), added);
    context.step("evaluating layers and operations that a newer host made longer");
    const Record record = answer(*session, flat.candidate);
    if (bench.description().deterministic ? !is_same(record, expected) : record.status != expected.status) {
        fail("with longer layers and operations, as of a newer host: " + difference(record, expected) +
             "; step with sotto_layer_at and sotto_operation_at");
    }
    return {};
}

constexpr Check checks[] = {
    {"unknown-operation-unsupported", "An operation kind that the ABI does not have yet is answered with unsupported.",
     Scope::plugin, sound_results, unknown_operation},
    {"unknown-layer-unsupported", "A layer or activation that the ABI does not have yet is answered with unsupported.",
     Scope::plugin, sound_results, unknown_layer},
    {"undeclared-kinds-unsupported", "Operation kinds beside the declared ones are answered with unsupported.",
     Scope::plugin, sound_results, undeclared_kinds},
    {"refusal-has-reason", "A candidate that cannot be scored is refused with a text.", Scope::plugin, sound_results,
     reasons},
    {"empty-program", "A program without operations gets a sound result or unsupported.", Scope::plugin, sound_results,
     empty_program},
    {"one-operation-programs", "A program of one operation of any kind gets a sound result or unsupported.",
     Scope::plugin, sound_results, one_operation_programs},
    {"huge-operations", "Operations over 2^31 elements, the host's limit, do not overflow.", Scope::plugin,
     sound_results, huge_operations},
    {"long-network", "A chain of 1000 layers gets a sound result, unsupported, or out of memory.", Scope::plugin,
     sound_results, long_network},
    {"absent-view-not-read", "The view that `needs` does not name is not read.", Scope::plugin, repeatable_results,
     absent_views},
    {"strides-honoured", "Layers and operations are stepped through by the host's stride.", Scope::plugin,
     repeatable_results, strides},
};

}  // namespace

std::span<const Check> candidate_checks() {
    return checks;
}

}  // namespace sotto::check
