/* SPDX-License-Identifier: Apache-2.0 */
/* Built against a version of the ABI that there is not. Whoever calls into it dies. */
#include <stdlib.h>

#include "sotto/plugin.h"

static sotto_status init(const char* path, const sotto_host* host, const sotto_error_sink* error) {
    (void)path;
    (void)host;
    (void)error;
    abort();
}

static void deinit(void) {
    abort();
}

static const sotto_factory* get_factory(const char* id) {
    (void)id;
    abort();
}

const sotto_plugin_entry_v1 sotto_plugin_entry = {SOTTO_PLUGIN_ABI_VERSION + 1, sizeof(sotto_plugin_entry_v1), init,
                                                  deinit, get_factory};
