// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/predictor.hpp"

#include <algorithm>
#include <cassert>
#include <stdexcept>

#include "cost_models/learned/known_operations.hpp"

namespace sotto::learned {

Cursor Predictor::start() const {
    Cursor cursor(profile_);
    cursor.hidden.assign(hidden_size(), 0.0F);
    return cursor;
}

training::RoleTimes Predictor::step(const sotto_operation& operation, Cursor& cursor) const {
    Workload work;
    if (!next_workload(profile_, operation, cursor.state, work)) {
        throw std::domain_error(refusal(operation, cursor.position));
    }
    if (!physical_.knows(work)) {
        throw std::domain_error(unmeasured(work, cursor.position));
    }
    const BothRoles own = own_ms(operation, work, cursor);
    const BothRoles wait = wait_ms(work, work, cursor.previous_own_ms);
    cursor.previous_own_ms = own;
    ++cursor.position;
    for (std::size_t role = 0; role < own.size(); ++role) {
        cursor.total_ms[role] += own[role] + wait[role];
    }
    return {own[0] + wait[0], own[1] + wait[1]};
}

void PredictorModel::predict(std::span<const sotto_operation> program, std::span<training::RoleTimes> times) const {
    assert(program.size() == times.size());
    Cursor cursor = predictor_->start();
    for (std::size_t i = 0; i < program.size(); ++i) {
        times[i] = predictor_->step(program[i], cursor);
    }
}

double PredictorModel::total_deviation_ms(std::span<const sotto_operation> /*program*/,
                                          std::span<const training::RoleTimes> times) const {
    training::RoleTimes total;
    for (const training::RoleTimes& of_operation : times) {
        total.client_ms += of_operation.client_ms;
        total.server_ms += of_operation.server_ms;
    }
    return predictor_->network_deviation() * std::max(total.client_ms, total.server_ms);
}

}  // namespace sotto::learned
