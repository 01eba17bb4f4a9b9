// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/secure/secure_program.hpp"

namespace sotto::test {

/// The operations that the published measurements executed for the three reference networks, written down from the
/// networks' structure and not through Sotto's own lowering. Order within a block is not exact; the analytical model
/// does not see it. Counts: 56, 141 and 372 operations.
secure::SecureProgram squeezenet_program();
secure::SecureProgram resnet50_program();
secure::SecureProgram densenet121_program();

}  // namespace sotto::test
