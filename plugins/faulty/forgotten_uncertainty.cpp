// SPDX-License-Identifier: Apache-2.0
// Its uncertainty says that all is well, and writes nothing.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-forgotten-uncertainty";

    const void* extension(const char* wanted) const override {
        static const sotto_uncertainty uncertainty = {sizeof(sotto_uncertainty), 0, write_nothing};
        return std::strcmp(wanted, SOTTO_UNCERTAINTY_EXTENSION) == 0 ? &uncertainty : HonestModel::extension(wanted);
    }

  private:
    static sotto_status write_nothing(sotto_instance*, const sotto_candidate* const*, sotto_result* const*,
                                      std::uint32_t, const sotto_error_sink*) {
        return SOTTO_OK;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
