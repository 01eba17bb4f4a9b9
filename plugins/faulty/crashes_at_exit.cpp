// SPDX-License-Identifier: Apache-2.0
// Crashes when the process ends, after the last deinit.
#include <csignal>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct AtTheEnd {
    AtTheEnd() = default;
    ~AtTheEnd() { std::raise(SIGSEGV); }
    AtTheEnd(const AtTheEnd&) = delete;
    AtTheEnd& operator=(const AtTheEnd&) = delete;
};
const AtTheEnd at_the_end;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-crashes-at-exit";
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
