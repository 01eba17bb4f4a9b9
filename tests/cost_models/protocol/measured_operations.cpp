// SPDX-License-Identifier: Apache-2.0
#include "measured_operations.hpp"

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace sotto::protocol::test {
namespace {

// The files have either line end.
bool read_line(std::istream& stream, std::string& line) {
    if (!std::getline(stream, line)) {
        return false;
    }
    if (!line.empty() && line.back() == '\r') {
        line.pop_back();
    }
    return true;
}

class Row {
  public:
    Row(const std::vector<std::string>& header, const std::string& line) {
        std::istringstream cells(line);
        std::string cell;
        for (const std::string& name : header) {
            std::getline(cells, cell, ',');
            cells_[name] = cell;
        }
    }
    const std::string& text(const std::string& name) const { return cells_.at(name); }
    double number(const std::string& name) const {
        const std::string& cell = cells_.at(name);
        return cell.empty() ? 0 : std::stod(cell);
    }
    std::int32_t integer(const std::string& name) const { return static_cast<std::int32_t>(number(name)); }

  private:
    std::map<std::string, std::string> cells_;
};

const std::map<std::string, std::int32_t> kinds{
    {"conv", SOTTO_OPERATION_CONVOLUTION},       {"relu", SOTTO_OPERATION_RELU},
    {"maxpool", SOTTO_OPERATION_MAX_POOL},       {"avgpool", SOTTO_OPERATION_AVERAGE_POOL},
    {"bn", SOTTO_OPERATION_BATCH_NORMALIZATION}, {"trunc", SOTTO_OPERATION_TRUNCATION},
    {"fc", SOTTO_OPERATION_FULLY_CONNECTED}};

MeasuredOperation parse(const Row& row) {
    MeasuredOperation measured;
    measured.network = row.text("network");
    measured.run = row.integer("run");
    measured.kind = row.text("op");
    sotto_operation& operation = measured.operation;
    operation.struct_size = sizeof operation;
    operation.kind = kinds.at(measured.kind);
    operation.truncates = row.integer("truncates");
    operation.elements = static_cast<std::int64_t>(row.number("numel"));
    if (operation.kind == SOTTO_OPERATION_FULLY_CONNECTED) {
        operation.input = {row.integer("in_c"), 1, 1};
        operation.output = {row.integer("out_c"), 1, 1};
    } else {
        operation.input = {row.integer("in_c"), row.integer("in_h"), row.integer("in_w")};
        operation.output = {row.integer("out_c"), row.integer("out_h"), row.integer("out_w")};
    }
    // Every normalisation of these runs is the homomorphic one, whichever is cheaper.
    operation.normalization = operation.kind == SOTTO_OPERATION_BATCH_NORMALIZATION ? SOTTO_NORMALIZATION_HOMOMORPHIC
                                                                                    : SOTTO_NORMALIZATION_NONE;
    operation.window = {row.integer("k_h"),      row.integer("k_w"),      row.integer("stride_h"),
                        row.integer("stride_w"), row.integer("pad_top"),  row.integer("pad_bottom"),
                        row.integer("pad_left"), row.integer("pad_right")};
    measured.client_sent_bytes = row.number("client_sent_bytes");
    measured.server_sent_bytes = row.number("server_sent_bytes");
    measured.flows = row.number("flows");
    measured.client_ots = row.number("client_ots");
    measured.server_ots = row.number("server_ots");
    return measured;
}

}  // namespace

std::vector<MeasuredOperation> measured_operations(const std::string& setting) {
    const std::string path =
        std::string(SOTTO_SOURCE_DIRECTORY) + "/cost_models/data/cheetah_measured/" + setting + ".csv";
    std::ifstream file(path);
    std::string line;
    if (!read_line(file, line)) {
        throw std::runtime_error("cannot read " + path);
    }
    std::vector<std::string> header;
    std::istringstream names(line);
    for (std::string name; std::getline(names, name, ',');) {
        header.push_back(name);
    }
    std::vector<MeasuredOperation> operations;
    while (read_line(file, line)) {
        operations.push_back(parse(Row(header, line)));
    }
    return operations;
}

}  // namespace sotto::protocol::test
