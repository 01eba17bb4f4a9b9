// SPDX-License-Identifier: Apache-2.0
// Counts elements in 32 bits.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-overflows";

    double milliseconds_of(const sotto_operation& operation) override {
        const auto wrapped = static_cast<std::int32_t>(static_cast<std::uint32_t>(operation.elements));
        return 0.25 * operation.kind + 1e-6 * setup().scale * wrapped;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
