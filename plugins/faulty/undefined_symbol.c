/* SPDX-License-Identifier: Apache-2.0 */
/* Calls a function that no library has: it must be refused when it is loaded, not when the call is reached. */
#include <stddef.h>

#include "sotto/plugin.h"

void sotto_faulty_function_of_nobody(void);

static sotto_status init(const char* path, const sotto_host* host, const sotto_error_sink* error) {
    (void)path;
    (void)host;
    (void)error;
    sotto_faulty_function_of_nobody();
    return SOTTO_OK;
}

static void deinit(void) {}

static const sotto_factory* get_factory(const char* id) {
    (void)id;
    return NULL;
}

const sotto_plugin_entry_v1 sotto_plugin_entry = {SOTTO_PLUGIN_ABI_VERSION, sizeof(sotto_plugin_entry_v1), init, deinit,
                                                  get_factory};
