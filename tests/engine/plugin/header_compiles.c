/* SPDX-License-Identifier: Apache-2.0
 * The plug-in header is complete by itself in every language version that a plug-in may be written in. */
#include "sotto/plugin.h"

const char* sotto_header_test(void);

const char* sotto_header_test(void) {
    return SOTTO_COST_MODEL_FACTORY;
}
