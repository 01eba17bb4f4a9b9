// SPDX-License-Identifier: Apache-2.0
#include "tests/plugins/sdk/wrapper_models.hpp"

SOTTO_PLUGIN(sotto::tests::Everything, sotto::tests::LayerCount)
