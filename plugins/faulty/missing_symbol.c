/* SPDX-License-Identifier: Apache-2.0 */
/* A shared library that is no plug-in: it has no sotto_plugin_entry. */
#include "sotto/plugin.h"

extern SOTTO_PLUGIN_EXPORT const unsigned int sotto_plugin_entrance;
const unsigned int sotto_plugin_entrance = SOTTO_PLUGIN_ABI_VERSION;
