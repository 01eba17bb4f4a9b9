// SPDX-License-Identifier: Apache-2.0
// Libraries that must not get past loading. Compiled once per fault; every function aborts where the host has to refuse
// before it calls anything.
#include <cstdlib>
#include <stdexcept>

#include "sotto/plugin.h"

namespace {

#if defined(FAULT_INIT_THROWS) || defined(FAULT_INIT_FAILS)

sotto_status init(const char* /*path*/, const sotto_host* /*host*/, [[maybe_unused]] const sotto_error_sink* error) {
#ifdef FAULT_INIT_THROWS
    throw std::runtime_error("no licence found");
#else
    error->report(error, "weights are damaged");
    return SOTTO_INTERNAL;
#endif
}

#else

sotto_status init(const char* /*path*/, const sotto_host* /*host*/, const sotto_error_sink* /*error*/) {
    std::abort();
}

#endif

#if defined(FAULT_WRONG_VERSION) || defined(FAULT_SHORT_ENTRY) || defined(FAULT_MISSING_SYMBOL)
// Runs as soon as the library is loaded: the host has to refuse it before that.
__attribute__((constructor)) void run_at_load() {
    std::abort();
}
#endif

void deinit() {
    std::abort();
}

const sotto_factory* get_factory(const char* /*id*/) {
    std::abort();
}

}  // namespace

#ifdef FAULT_MISSING_SYMBOL
SOTTO_PLUGIN_EXPORT extern const sotto_plugin_entry_v1 another_entry;
const sotto_plugin_entry_v1 another_entry = {
#else
const sotto_plugin_entry_v1 sotto_plugin_entry = {
#endif
#ifdef FAULT_WRONG_VERSION
    SOTTO_PLUGIN_ABI_VERSION + 7,
#else
    SOTTO_PLUGIN_ABI_VERSION,
#endif
#ifdef FAULT_SHORT_ENTRY
    16,
#else
    sizeof(sotto_plugin_entry_v1),
#endif
    init, deinit, get_factory};
