// SPDX-License-Identifier: Apache-2.0
// An honest model with a factor that can be fitted, made to be spoiled in its fit.
#pragma once

#include "plugins/faulty/honest_model.hpp"

namespace sotto::faulty {

/// `Derived` has `static bool fit_factor(double& factor, const sotto_measurement* const*, std::uint32_t count)`: false
/// refuses.
template <typename Derived>
class CalibratedModel : public HonestModel {
  public:
    using HonestModel::HonestModel;

    const void* extension(const char* wanted) const override {
        static const sotto_calibrate calibrate = {sizeof(sotto_calibrate), 0, fit, save, load};
        return std::strcmp(wanted, SOTTO_CALIBRATE_EXTENSION) == 0 ? &calibrate : HonestModel::extension(wanted);
    }
    double milliseconds_of(const sotto_operation& operation) override {
        return factor_ * HonestModel::milliseconds_of(operation);
    }

  private:
    struct State {
        char mark[16];
        double factor;
        double negated;
    };
    static constexpr const char* mark = "faulty-factor-1";

    static double& factor_of(sotto_instance* instance) {
        return static_cast<CalibratedModel&>(model_of(instance)).factor_;
    }
    static sotto_status fit(sotto_instance* instance, const sotto_measurement* const* measurements, std::uint32_t count,
                            const sotto_error_sink* error) {
        if (!Derived::fit_factor(factor_of(instance), measurements, count)) {
            error->report(error, "found measurements that cannot be fitted");
            return SOTTO_INVALID_ARGUMENT;
        }
        return SOTTO_OK;
    }
    static sotto_status save(sotto_instance* instance, void* bytes, std::uint64_t capacity, std::uint64_t* size,
                             const sotto_error_sink*) {
        State state{};
        std::strcpy(state.mark, mark);
        state.factor = factor_of(instance);
        state.negated = -state.factor;
        *size = sizeof state;
        if (capacity >= sizeof state) {
            std::memcpy(bytes, &state, sizeof state);
        }
        return SOTTO_OK;
    }
    static sotto_status load(sotto_instance* instance, const void* bytes, std::uint64_t size,
                             const sotto_error_sink* error) {
        State state{};
        if (size == sizeof state) {
            std::memcpy(&state, bytes, sizeof state);
        }
        if (std::memcmp(state.mark, mark, sizeof state.mark) != 0 || !(state.factor == -state.negated)) {
            error->report(error, "found bytes that are no state of this plug-in");
            return SOTTO_INVALID_ARGUMENT;
        }
        factor_of(instance) = state.factor;
        return SOTTO_OK;
    }

    double factor_ = 1;
};

}  // namespace sotto::faulty
