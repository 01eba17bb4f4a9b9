// SPDX-License-Identifier: Apache-2.0
// sotto-plugin-host: runs one plug-in for another program, which starts it (`isolation: process`) and ends it.
#include <fcntl.h>

#include <cstdio>
#include <exception>

#include "engine/plugin/isolation/serve.hpp"
#include "tools/installed/built_in_plugins.hpp"

int main() {
    using namespace sotto;
    if (fcntl(plugin::isolation::serve_descriptor, F_GETFD) < 0) {
        std::fputs("sotto-plugin-host: started by nas-run for plug-ins under 'isolation: process', not by hand\n",
                   stderr);
        return 2;
    }
    try {
        return plugin::isolation::serve(tools::add_built_in_plugins);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sotto-plugin-host: %s\n", error.what());
        return 1;
    }
}
