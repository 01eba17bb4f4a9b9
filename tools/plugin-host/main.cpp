// SPDX-License-Identifier: Apache-2.0
// sotto-plugin-host: runs one plug-in for another program, which starts it (`isolation: process`) and ends it.
#include <fcntl.h>

#include <cstdio>
#include <exception>

#include "cost_models/analytical/analytical_plugin.hpp"
#include "engine/plugin/isolation/serve.hpp"
#include "engine/plugin/registry.hpp"

int main() {
    using namespace sotto;
    if (fcntl(plugin::isolation::serve_descriptor, F_GETFD) < 0) {
        std::fputs("sotto-plugin-host: started by nas-run for plug-ins under 'isolation: process', not by hand\n",
                   stderr);
        return 2;
    }
    try {
        return plugin::isolation::serve([](plugin::Registry& registry) {
            registry.add_built_in(analytical::analytical_plugin_entry(), "analytical");
        });
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sotto-plugin-host: %s\n", error.what());
        return 1;
    }
}
