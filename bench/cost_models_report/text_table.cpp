// SPDX-License-Identifier: Apache-2.0
#include "bench/cost_models_report/text_table.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <utility>

namespace sotto::report {
namespace {

std::string formatted(const char* form, int decimals, double value) {
    if (std::isnan(value)) {
        return "-";
    }
    char text[64];
    std::snprintf(text, sizeof text, form, decimals, value);
    return text;
}

}  // namespace

TextTable::TextTable(std::vector<std::string> header, std::size_t left) : rows_{std::move(header)}, left_(left) {}

void TextTable::add(std::vector<std::string> row) {
    assert(row.size() == rows_.front().size());
    rows_.push_back(std::move(row));
}

std::string TextTable::text() const {
    std::vector<std::size_t> widths(rows_.front().size(), 0);
    for (const std::vector<std::string>& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string text;
    for (const std::vector<std::string>& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string blanks(widths[i] - row[i].size(), ' ');
            line += i == 0 ? "" : "  ";
            line += i < left_ ? row[i] + blanks : blanks + row[i];
        }
        text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
    }
    return text;
}

std::string fixed(double value, int decimals) {
    return formatted("%.*f", decimals, value);
}

std::string with_sign(double value, int decimals) {
    return formatted("%+.*f", decimals, value);
}

}  // namespace sotto::report
