// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sotto/plugin.h"

namespace sotto::accuracy {

/// The factory of this library's plug-ins. Constant.
const sotto_factory* proxy_factory();

/// Gives the sink a text; either may be null.
void report(const sotto_error_sink* sink, const std::string& text);

/// The status and text of the exception in flight.
sotto_status describe_exception(std::string& text);

}  // namespace sotto::accuracy
