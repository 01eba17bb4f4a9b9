// SPDX-License-Identifier: Apache-2.0
// fit-analytical DIRECTORY --out FILE: makes the coefficient file of the analytical cost model from the measurements.
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "cost_models/analytical/coefficients.hpp"
#include "cost_models/analytical/fit/linear_fit.hpp"
#include "engine/input/input_error.hpp"

namespace {

using namespace sotto::analytical;

void print_errors(const Coefficients& coefficients) {
    std::printf("%-7s %-7s %-8s %6s %5s   %8s %9s   %8s %9s   %8s %9s\n", "setting", "role", "layer", "rows", "out",
                "R2", "MAE ms", "R2 rows", "MAE ms", "R2 conf", "MAE ms");
    for (std::size_t s = 0; s < setting_count; ++s) {
        for (std::size_t r = 0; r < role_count; ++r) {
            for (std::size_t t = 0; t < layer_type_count; ++t) {
                const Fit& fit =
                    coefficients.fit(static_cast<Setting>(s), static_cast<Role>(r), static_cast<LayerType>(t));
                std::printf("%-7s %-7s %-8s %6lld %5lld   %8.4f %9.2f   %8.4f %9.2f   %8.4f %9.2f\n",
                            setting_names()[s].data(), role_names()[r].data(), layer_type_names()[t].data(),
                            static_cast<long long>(fit.rows), static_cast<long long>(fit.rows_left_out),
                            fit.in_sample.r2, fit.in_sample.mae_ms, fit.shuffled_rows.r2, fit.shuffled_rows.mae_ms,
                            fit.unseen_configurations.r2, fit.unseen_configurations.mae_ms);
            }
        }
    }
}

}  // namespace

int main(int argument_count, char** arguments) {
    CLI::App app("Fits the analytical cost model to the published measurements in their tidy form.");
    app.name("fit-analytical");
    std::string directory;
    std::string out;
    app.add_option("directory", directory, "folder with {local,lan,wan}/{client,server}/*.csv")->required();
    app.add_option("--out", out, "coefficient file to write")->required();
    try {
        app.parse(argument_count, arguments);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    try {
        const Coefficients coefficients = fit_directory(directory);
        std::ofstream stream(out, std::ios::binary | std::ios::trunc);
        stream << to_json(coefficients);
        stream.close();
        if (!stream) {
            std::cerr << out << ": cannot be written\n";
            return 1;
        }
        print_errors(coefficients);
        return 0;
    } catch (const sotto::input::InputError& error) {
        std::cerr << error.what() << '\n';
        return 2;
    } catch (const std::exception& error) {
        std::cerr << "fit-analytical: " << error.what() << '\n';
        return 1;
    }
}
