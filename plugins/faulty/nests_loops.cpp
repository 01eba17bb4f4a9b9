// SPDX-License-Identifier: Apache-2.0
// Calls parallel_for from within a body of it.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-nests-loops";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        const sotto_host* const host = setup().host;
        host->parallel_for(
            host, 2,
            [](void* data, std::uint32_t) {
                const auto* const inner = static_cast<const sotto_host*>(data);
                inner->parallel_for(
                    inner, 2, [](void*, std::uint32_t) {}, data);
            },
            const_cast<sotto_host*>(host));
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
