// SPDX-License-Identifier: Apache-2.0
// The first deinit ends the library for everybody.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-init-not-counted";
};

struct Uncounted : Library<Model> {
    static sotto_status init(const char*, const sotto_host*, const sotto_error_sink*) {
        is_ready = true;
        return SOTTO_OK;
    }
    static void deinit() { is_ready = false; }
    static const sotto_factory* get_factory(const char* id) {
        return is_ready ? Library<Model>::get_factory(id) : nullptr;
    }

    static inline bool is_ready = false;
};

}  // namespace

SOTTO_FAULTY_ENTRY(Uncounted)
