// SPDX-License-Identifier: Apache-2.0
// Does not look whether the host ran its loop.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-takes-the-loop-for-granted";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        struct Loop {
            double* metrics;
            double total;
        } loop = {result.metrics, result.metrics[0]};
        if (result.status == SOTTO_OK) {
            result.metrics[0] = 0;
            const sotto_host* const host = setup().host;
            host->parallel_for(
                host, 1,
                [](void* data, std::uint32_t) {
                    auto& given = *static_cast<Loop*>(data);
                    given.metrics[0] = given.total;
                },
                &loop);
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
