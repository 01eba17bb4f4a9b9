// SPDX-License-Identifier: Apache-2.0
// Opens a file with each instance and never closes it.
#include <fcntl.h>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    static constexpr const char* id = "faulty-leaves-files-open";

    explicit Model(const Setup& given) : HonestModel(given), file_(open("/dev/null", O_RDONLY | O_CLOEXEC)) {}

  private:
    [[maybe_unused]] int file_;
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
