// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <string>

#include "sotto/plugin.h"

#include "plugins/accuracy/blas_check.hpp"
#include "plugins/accuracy/border.hpp"

namespace sotto::accuracy {
namespace {

sotto_status init(const char*, const sotto_host* host, const sotto_error_sink* error) {
    try {
        const std::string warning = blas_warning();
        if (!warning.empty() && host != nullptr && host->log != nullptr) {
            host->log(host, SOTTO_LOG_WARNING, warning.c_str());
        }
        return SOTTO_OK;
    } catch (...) {
        return report_exception(error);
    }
}

void deinit() {}

const sotto_factory* get_factory(const char* factory_id) {
    return factory_id != nullptr && std::strcmp(factory_id, SOTTO_ACCURACY_PROXY_FACTORY) == 0 ? proxy_factory()
                                                                                               : nullptr;
}

}  // namespace
}  // namespace sotto::accuracy

extern "C" {
const sotto_plugin_entry_v1 sotto_plugin_entry{.abi_version = SOTTO_PLUGIN_ABI_VERSION,
                                               .struct_size = sizeof(sotto_plugin_entry_v1),
                                               .init = sotto::accuracy::init,
                                               .deinit = sotto::accuracy::deinit,
                                               .get_factory = sotto::accuracy::get_factory};
}
