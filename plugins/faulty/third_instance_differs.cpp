// SPDX-License-Identifier: Apache-2.0
// Has other results from the third instance on.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    static constexpr const char* id = "faulty-third-instance-differs";

    explicit Model(const Setup& given) : HonestModel(given), number_(++made_) {}

    double milliseconds_of(const sotto_operation& operation) override {
        return HonestModel::milliseconds_of(operation) + (number_ > 2 ? 1 : 0);
    }

  private:
    static inline int made_ = 0;
    int number_;
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
