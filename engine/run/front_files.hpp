// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/arch/network.hpp"
#include "engine/run/run_directory.hpp"
#include "engine/secure/secure_program.hpp"

namespace sotto::run {

/// The shortest text that reads back as the same double; `nan`, `inf`, `-inf`.
std::string number_text(double value);

/// A metric's column title: its name where the unit is `1` or stands at its end (`latency.client_ms`), else
/// `name [unit]`.
std::string column_title(std::string_view name, std::string_view unit);

struct FrontRow {
    std::uint64_t id = 0;        ///< of the candidate
    std::vector<double> values;  ///< one per column
    std::string genome;
};

/// pareto.csv: `id`, the columns, `genome`. RFC 4180 (fields are quoted where they hold a comma, quote or line break)
/// with LF line ends; a value that is not known (NaN) is an empty field.
struct FrontTable {
    std::vector<std::string> columns;  ///< titles; the first is the first objective
    bool descending = false;           ///< the first objective is to be maximised: best rows first either way
    std::vector<FrontRow> rows;

    /// Orders the rows by the first column, then the others ascending, then by id.
    void sort();
    std::string to_csv() const;
};

/// Whether this build can write network.onnx (SOTTO_BUILD_ONNX).
bool can_write_onnx() noexcept;

/// Writes `best/01`, `best/02`, ... with `network.yaml`, `model.py` (engine/pytorch/write_network.hpp), `genome.txt`
/// and `secure_program.csv`, and with `network.onnx` where asked for (engine/onnx/write_network.hpp: 4 bytes for each
/// parameter of each network), for rows of pareto.csv: the number is the row's. A set of an earlier time is replaced
/// whole, by commit().
class BestWriter {
  public:
    /// `rows`: of pareto.csv; more than 99 make the numbers longer. `with_onnx` needs can_write_onnx().
    BestWriter(const RunDirectory& directory, std::size_t rows, bool with_onnx = false);
    ~BestWriter();
    BestWriter(const BestWriter&) = delete;
    BestWriter& operator=(const BestWriter&) = delete;

    /// `row`: 1, 2, ..., each once. Returns the name, `best/01`. An empty program (a network that was not lowered)
    /// gives no secure_program.csv. Throws RunError, with_onnx for a network that does not fit an ONNX file too.
    std::string add(std::size_t row, const arch::Network& network, const secure::SecureProgram& program,
                    std::string_view genome);
    void commit();

  private:
    const RunDirectory& directory_;
    std::size_t digits_;
    bool with_onnx_;
};

}  // namespace sotto::run
