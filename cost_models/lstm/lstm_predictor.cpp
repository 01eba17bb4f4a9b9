// SPDX-License-Identifier: Apache-2.0
#include "cost_models/lstm/lstm_predictor.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <utility>

#include "cost_models/learned/known_operations.hpp"
#include "cost_models/lstm/beginnings.hpp"

namespace sotto::lstm {

using learned::BothRoles;
using learned::KnownOperation;
using learned::KnownOperations;
using learned::operation_input_count;
using learned::OwnWorkload;
using learned::Place;
using learned::place_input_count;

namespace {

constexpr std::size_t chunk_size = 128;         // programs that go on together
constexpr std::size_t forward_rows = 32;        // of one pass: activations stay in the cache of the processor
constexpr std::size_t most_operations = 16384;  // that a workspace keeps from chunk to chunk
// Beginnings of programs that a workspace holds, and floats of all of them: a model larger than those that ship holds
// fewer.
constexpr std::size_t most_beginnings = 65536;
constexpr std::size_t most_floats = std::size_t{1} << 24U;

float sigmoid(float value) {
    return 1.0F / (1.0F + std::exp(-value));
}

}  // namespace

// Operations at their places that are computed together, and scratch space for that.
struct LstmPredictor::Rows {
    std::size_t count = 0;
    std::vector<float> embedded;  // [member][row][neuron], in: bias and inputs of the operation added up
    std::vector<float> places;    // [row][input], scaled
    std::vector<float> hidden;    // [member][row][neuron], in and out
    std::vector<float> cell;      // the same
    std::vector<double> shares;
    std::vector<BothRoles> own_ms;  // in: physical, out: corrected

    std::vector<float> gates;
    std::vector<float> first;
    std::vector<float> second;
};

struct LstmPredictor::Workspace {
    explicit Workspace(const LstmPredictor& predictor)
        : known(predictor.profile(), predictor.physical()),
          beginnings(learned::ProgramState(predictor.profile()), predictor.hidden_size()) {}

    void clear() {
        known.clear();
        embedded.clear();
        beginnings.clear();
    }

    KnownOperations known;
    std::vector<float> embedded;  // [number][member][neuron]: bias and inputs of a known operation added up
    Beginnings beginnings;

    std::vector<std::uint32_t> numbers;  // of the programs of a chunk, one after the other
    std::vector<std::size_t> ends;
    std::vector<KnownOperations::New> fresh;
    std::vector<std::uint32_t> at;  // nodes where the programs stand
    std::vector<Step> steps;
    std::vector<Place> places;
    Rows rows;
};

LstmPredictor::LstmPredictor(const protocol::EngineProfile& profile, const learned::PhysicalTimes& physical,
                             double network_deviation, const Architecture& architecture, bool sees_pool,
                             learned::InputScale scale, std::vector<Member> members,
                             std::array<learned::Reach, learned::layer_type_count> reach)
    : Predictor(profile, physical, network_deviation),
      architecture_(architecture),
      sees_pool_(sees_pool),
      scale_(std::move(scale)),
      members_(std::move(members)),
      reach_(std::move(reach)) {}

LstmPredictor::~LstmPredictor() = default;

void network_inputs(const learned::Workload& work, const BothRoles& own_ms, bool sees_pool,
                    std::vector<double>& inputs) {
    inputs.resize(input_count);
    const std::span<double> all(inputs);
    learned::operation_inputs(work, own_ms, all.first(operation_input_count));
    learned::place_inputs(work, work, sees_pool, all.subspan(operation_input_count));
}

// The share of corrections that an operation gets and, into embedded [member][neuron], what it adds to the first layer.
double LstmPredictor::embed(const sotto_operation& operation, const OwnWorkload& work, const BothRoles& physical_ms,
                            float* embedded) const {
    std::array<double, operation_input_count> inputs{};
    std::array<float, operation_input_count> scaled{};
    learned::operation_inputs(work, physical_ms, inputs);
    scale_.apply(0, inputs, scaled);
    for (const Member& member : members_) {
        member.embedding.set_bias(1, embedded);
        member.embedding.accumulate(1, scaled.data(), embedded, 0, operation_input_count);
        embedded += architecture_.embedding;
    }
    const learned::OperationKey key = learned::operation_key(operation);
    double share = 0;
    if (!shares_.find(key, share)) {
        const learned::Reach& reach = reach_[static_cast<std::size_t>(work.type)];
        reach.scale().apply(inputs, scaled);
        share = reach.share(scaled);
        shares_.insert(key, share);
    }
    return share;
}

void LstmPredictor::set_place(const OwnWorkload& work, const Place& place, float* scaled) const {
    std::array<double, place_input_count> inputs{};
    learned::place_inputs(work, place, sees_pool_, inputs);
    scale_.apply(operation_input_count, inputs, {scaled, place_input_count});
}

// One step of the recurrent layer.
void LstmPredictor::recur(const Member& member, std::size_t count, const float* embedded, float* hidden, float* cell,
                          std::vector<float>& gates) const {
    const std::size_t size = architecture_.hidden;
    gates.resize(count * 4 * size);
    member.gates_of_input.apply(count, embedded, gates.data());
    member.gates_of_hidden.accumulate(count, hidden, gates.data());
    for (std::size_t row = 0; row < count; ++row) {
        const float* const of_row = gates.data() + row * 4 * size;
        for (std::size_t i = 0; i < size; ++i) {
            const float input = sigmoid(of_row[i]);
            const float forget = sigmoid(of_row[size + i]);
            const float candidate = std::tanh(of_row[2 * size + i]);
            const float output = sigmoid(of_row[3 * size + i]);
            cell[row * size + i] = forget * cell[row * size + i] + input * candidate;
            hidden[row * size + i] = output * std::tanh(cell[row * size + i]);
        }
    }
}

void LstmPredictor::advance(Rows& rows) const {
    const std::size_t size = architecture_.hidden;
    const std::size_t neurons = architecture_.embedding;
    std::array<BothRoles, forward_rows> sums{};
    for (std::size_t m = 0; m < members_.size(); ++m) {
        const Member& member = members_[m];
        float* const embedded = rows.embedded.data() + m * rows.count * neurons;
        float* const hidden = rows.hidden.data() + m * rows.count * size;
        member.embedding.accumulate(rows.count, rows.places.data(), embedded, operation_input_count, place_input_count);
        learned::rectify({embedded, rows.count * neurons});
        recur(member, rows.count, embedded, hidden, rows.cell.data() + m * rows.count * size, rows.gates);

        std::vector<float>* x = &rows.first;
        std::vector<float>* y = &rows.second;
        x->clear();
        for (std::size_t row = 0; row < rows.count; ++row) {
            x->insert(x->end(), hidden + row * size, hidden + (row + 1) * size);
            x->insert(x->end(), embedded + row * neurons, embedded + (row + 1) * neurons);
        }
        for (std::size_t i = 0; i < member.dense.size(); ++i) {
            y->resize(rows.count * member.dense[i].outputs);
            member.dense[i].apply(rows.count, x->data(), y->data());
            if (i + 1 < member.dense.size()) {
                learned::rectify(*y);
            }
            std::swap(x, y);
        }
        for (std::size_t row = 0; row < rows.count; ++row) {
            for (std::size_t role = 0; role < training::role_count; ++role) {
                sums[row][role] += learned::correction_factor((*x)[row * training::role_count + role], correction_limit,
                                                              rows.shares[row]);
            }
        }
    }
    for (std::size_t row = 0; row < rows.count; ++row) {
        for (std::size_t role = 0; role < training::role_count; ++role) {
            sums[row][role] *= rows.own_ms[row][role] / static_cast<double>(members_.size());
        }
        rows.own_ms[row] = sums[row];
    }
}

void LstmPredictor::resize(Rows& rows, std::size_t count) const {
    assert(count <= forward_rows);
    rows.count = count;
    rows.embedded.resize(members_.size() * count * architecture_.embedding);
    rows.places.resize(count * place_input_count);
    rows.hidden.resize(members_.size() * count * architecture_.hidden);
    rows.cell.resize(rows.hidden.size());
    rows.shares.resize(count);
    rows.own_ms.resize(count);
}

// States are [member][hidden, then cell][neuron].
void LstmPredictor::load_state(const float* state, std::size_t row, Rows& rows) const {
    const std::size_t size = architecture_.hidden;
    for (std::size_t m = 0; m < members_.size(); ++m, state += 2 * size) {
        const std::size_t to = (m * rows.count + row) * size;
        std::copy_n(state, size, rows.hidden.data() + to);
        std::copy_n(state + size, size, rows.cell.data() + to);
    }
}

void LstmPredictor::store_state(const Rows& rows, std::size_t row, float* state) const {
    const std::size_t size = architecture_.hidden;
    for (std::size_t m = 0; m < members_.size(); ++m, state += 2 * size) {
        const std::size_t from = (m * rows.count + row) * size;
        std::copy_n(rows.hidden.data() + from, size, state);
        std::copy_n(rows.cell.data() + from, size, state + size);
    }
}

BothRoles LstmPredictor::own_ms(const sotto_operation& operation, const learned::Workload& work,
                                learned::Cursor& cursor) const {
    thread_local Rows rows;
    resize(rows, 1);
    rows.own_ms.front() = physical().own_ms(work);
    rows.shares.front() = embed(operation, work, rows.own_ms.front(), rows.embedded.data());
    set_place(work, work, rows.places.data());
    load_state(cursor.hidden.data(), 0, rows);
    advance(rows);
    store_state(rows, 0, cursor.hidden.data());
    return rows.own_ms.front();
}

BothRoles LstmPredictor::wait_ms(const OwnWorkload& work, const Place& place, const BothRoles& previous) const {
    return sees_pool_ ? physical().wait_ms(work, place, previous) : physical().expected_wait_ms(work, place, previous);
}

// Goes on by the operations of `steps`, at most forward_rows, each at a place of its own.
void LstmPredictor::take_steps(std::span<const Step> steps, Workspace& space) const {
    Rows& rows = space.rows;
    const std::size_t neurons = architecture_.embedding;
    const std::size_t of_operation = members_.size() * neurons;
    resize(rows, steps.size());
    space.places.resize(steps.size());
    for (std::size_t row = 0; row < steps.size(); ++row) {
        const Step& step = steps[row];
        const KnownOperation& operation = space.known[step.operation];
        learned::ProgramState& state = space.beginnings[step.node].state;
        state = space.beginnings[step.parent].state;
        space.places[row] = learned::place(profile(), operation.work, state);
        set_place(operation.work, space.places[row], rows.places.data() + row * place_input_count);
        const float* const embedded = space.embedded.data() + step.operation * of_operation;
        for (std::size_t m = 0; m < members_.size(); ++m) {
            std::copy_n(embedded + m * neurons, neurons, rows.embedded.data() + (m * rows.count + row) * neurons);
        }
        load_state(space.beginnings.hidden(step.parent).data(), row, rows);
        rows.shares[row] = operation.share;
        rows.own_ms[row] = operation.physical_ms;
    }
    advance(rows);
    for (std::size_t row = 0; row < steps.size(); ++row) {
        const Beginnings::Node& parent = space.beginnings[steps[row].parent];
        Beginnings::Node& node = space.beginnings[steps[row].node];
        const OwnWorkload& work = space.known[steps[row].operation].work;
        const BothRoles wait = wait_ms(work, space.places[row], parent.previous_own_ms);
        node.previous_own_ms = rows.own_ms[row];
        for (std::size_t role = 0; role < wait.size(); ++role) {
            node.total_ms[role] = parent.total_ms[role] + (rows.own_ms[row][role] + wait[role]);
        }
        store_state(rows, row, space.beginnings.hidden(steps[row].node).data());
    }
}

void LstmPredictor::predict_chunk(std::span<const sotto_program* const> programs, std::span<learned::Outcome> outcomes,
                                  Workspace& space, const std::function<void()>& interrupt) const {
    space.numbers.clear();
    space.ends.clear();
    space.fresh.clear();
    std::size_t longest = 0;
    for (std::size_t i = 0; i < programs.size(); ++i) {
        const std::size_t before = space.numbers.size();
        outcomes[i].refusal = space.known.number(*programs[i], space.numbers, space.fresh);
        space.ends.push_back(space.numbers.size());
        longest = std::max(longest, space.numbers.size() - before);
    }
    const std::size_t of_operation = members_.size() * architecture_.embedding;
    space.embedded.resize(space.known.size() * of_operation);
    for (const KnownOperations::New& one : space.fresh) {
        KnownOperation& known = space.known[one.number];
        known.share =
            embed(*one.operation, known.work, known.physical_ms, space.embedded.data() + one.number * of_operation);
    }

    space.at.assign(programs.size(), Beginnings::root);
    for (std::size_t depth = 0; depth < longest; ++depth) {
        interrupt();
        space.steps.clear();
        std::size_t begin = 0;
        for (std::size_t i = 0; i < programs.size(); begin = space.ends[i], ++i) {
            if (begin + depth >= space.ends[i]) {
                continue;
            }
            const std::uint32_t operation = space.numbers[begin + depth];
            std::uint32_t next = space.beginnings.find(space.at[i], operation);
            if (next == Beginnings::none) {
                next = space.beginnings.add(space.at[i], operation);
                space.steps.push_back({space.at[i], operation, next});
            }
            space.at[i] = next;
        }
        const std::span<const Step> steps = space.steps;
        for (std::size_t first = 0; first < steps.size(); first += forward_rows) {
            take_steps(steps.subspan(first, std::min(forward_rows, steps.size() - first)), space);
        }
    }
    for (std::size_t i = 0; i < programs.size(); ++i) {
        outcomes[i].total_ms = space.beginnings[space.at[i]].total_ms;
    }
}

void LstmPredictor::totals(std::span<const sotto_program* const> programs, std::span<learned::Outcome> outcomes,
                           const std::function<void()>& interrupt) const {
    assert(programs.size() == outcomes.size());
    const std::size_t floats = hidden_size() + members_.size() * architecture_.embedding;
    const std::size_t most = std::min(most_beginnings, most_floats / floats);
    const auto space = workspaces_.borrow([this] { return std::make_unique<Workspace>(*this); });
    for (std::size_t begin = 0; begin < programs.size();) {
        // As many programs as fit even where nothing is shared, but one at least.
        std::size_t count = 0;
        std::size_t operations = 0;
        while (count < chunk_size && begin + count < programs.size() &&
               (count == 0 || operations + programs[begin + count]->operation_count <= most)) {
            operations += programs[begin + count]->operation_count;
            ++count;
        }
        if (space->known.size() > std::min(most_operations, most) || space->beginnings.size() + operations > most) {
            space->clear();
        }
        try {
            predict_chunk(programs.subspan(begin, count), outcomes.subspan(begin, count), *space, interrupt);
        } catch (...) {
            space->clear();  // half of it was not computed
            throw;
        }
        begin += count;
    }
}

}  // namespace sotto::lstm
