// SPDX-License-Identifier: Apache-2.0
//
// The table for the plug-in table-lookup out of the measurements of NAS-Bench-201:
//
//     nasbench201_table MEASUREMENTS.csv > table.csv
//
// One line for each network that configs/nasbench201_space.yaml can give: its key, how many cells give it, and for each
// column of the measurements (bench/nasbench201/measured_cells.hpp) the mean over those cells.
#include <cstdio>
#include <exception>

#include "bench/nasbench201/networks.hpp"
#include "engine/input/csv.hpp"
#include "engine/input/input_error.hpp"
#include "plugins/examples/table_lookup/network_key.hpp"

namespace {

void write_table(const char* path) {
    using namespace sotto;
    const search::Space space = search::Space::load_file(SOTTO_SOURCE_DIRECTORY "/configs/nasbench201_space.yaml");
    const nasbench201::MeasuredCells measured = nasbench201::read_measured_cells(path);
    const nasbench201::MeasuredNetworks networks = nasbench201::measured_networks(space, measured);
    std::fputs("network,cells", stdout);
    for (const std::string& column : measured.columns) {
        std::printf(",%s", input::csv_field(column).c_str());
    }
    for (const nasbench201::MeasuredNetwork& network : networks.networks) {
        std::printf("\n%s,%zu", table_lookup::key_text(network.key).c_str(), network.cells);
        for (const double value : network.values) {
            std::printf(",%.9g", value);
        }
    }
    std::putchar('\n');
    std::fprintf(stderr, "%zu cells, %zu of them without a network, %zu networks\n", measured.cells.size(),
                 networks.cells_without_network, networks.networks.size());
}

}  // namespace

int main(int argument_count, char** arguments) {
    if (argument_count != 2) {
        std::fputs("usage: nasbench201_table MEASUREMENTS.csv > TABLE.csv\n", stderr);
        return 2;
    }
    try {
        write_table(arguments[1]);
    } catch (const sotto::input::InputError& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "nasbench201_table: %s\n", error.what());
        return 1;
    }
    return std::fflush(stdout) == 0 ? 0 : 1;
}
