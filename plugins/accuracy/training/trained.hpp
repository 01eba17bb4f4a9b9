// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "sotto/plugin.h"

#include "plugins/accuracy/evaluator.hpp"

namespace sotto::accuracy {

/// The plug-in `trained`: trains a candidate for real (trained_declaration.hpp, docs/trained_accuracy.md).
std::unique_ptr<Evaluator> make_trained(const Arguments& arguments, const sotto_host* host);

}  // namespace sotto::accuracy
