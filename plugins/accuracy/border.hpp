// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sotto/plugin.h"

namespace sotto::accuracy {

/// The factory of this library's plug-ins. Constant.
const sotto_factory* proxy_factory();

/// Gives the sink, which may be null, the text of the exception in flight. Returns its status.
sotto_status report_exception(const sotto_error_sink* sink);

}  // namespace sotto::accuracy
