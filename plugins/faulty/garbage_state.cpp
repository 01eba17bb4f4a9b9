// SPDX-License-Identifier: Apache-2.0
// Takes any bytes for a saved state.
#include <cstring>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-garbage-state";

    const void* extension(const char* wanted) const override {
        static const sotto_calibrate calibrate = {sizeof(sotto_calibrate), 0, fit, save, load};
        return std::strcmp(wanted, SOTTO_CALIBRATE_EXTENSION) == 0 ? &calibrate : HonestModel::extension(wanted);
    }

    double milliseconds_of(const sotto_operation& operation) override {
        return factor_ * HonestModel::milliseconds_of(operation);
    }

  private:
    static sotto_status fit(sotto_instance* instance, const sotto_measurement* const* measurements, std::uint32_t count,
                            const sotto_error_sink* error) {
        if (count == 0) {
            error->report(error, "found no measurement, expected at least one");
            return SOTTO_INVALID_ARGUMENT;
        }
        static_cast<Model&>(model_of(instance)).factor_ = 1 + measurements[0]->value * measurements[0]->value;
        return SOTTO_OK;
    }
    static sotto_status save(sotto_instance* instance, void* bytes, std::uint64_t capacity, std::uint64_t* size,
                             const sotto_error_sink*) {
        *size = sizeof(double);
        if (capacity >= *size) {
            std::memcpy(bytes, &static_cast<Model&>(model_of(instance)).factor_, sizeof(double));
        }
        return SOTTO_OK;
    }
    static sotto_status load(sotto_instance* instance, const void* bytes, std::uint64_t size, const sotto_error_sink*) {
        std::memcpy(&static_cast<Model&>(model_of(instance)).factor_, bytes,
                    size < sizeof(double) ? size : sizeof(double));
        return SOTTO_OK;
    }

    double factor_ = 1;
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
