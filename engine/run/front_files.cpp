// SPDX-License-Identifier: Apache-2.0
#include "engine/run/front_files.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <tuple>

#include "engine/arch/network_yaml.hpp"
#include "engine/input/csv.hpp"
#include "engine/pytorch/write_network.hpp"
#include "engine/run/file_io.hpp"
#ifdef SOTTO_WITH_ONNX
#include "engine/onnx/write_network.hpp"
#endif

namespace sotto::run {
namespace {

constexpr const char* final_directory = "best";
constexpr const char* partial_directory = "best.partial";

void remove_tree(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) {
        throw RunError(path, with_reason("cannot be removed", error.value()));
    }
}

// Orders unknown values behind all others.
bool before(double first, double second) {
    return std::isnan(second) ? !std::isnan(first) : first < second;
}

}  // namespace

std::string number_text(double value) {
    if (std::isnan(value)) {
        return "nan";
    }
    std::array<char, 40> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
}

std::string column_title(std::string_view name, std::string_view unit) {
    if (unit.empty() || unit == "1" || name == unit || name.ends_with('_' + std::string(unit)) ||
        name.ends_with('.' + std::string(unit))) {
        return std::string(name);
    }
    return std::string(name) + " [" + std::string(unit) + ']';
}

void FrontTable::sort() {
    std::sort(rows.begin(), rows.end(), [&](const FrontRow& a, const FrontRow& b) {
        for (std::size_t i = 0; i < a.values.size(); ++i) {
            const double sign = i == 0 && descending ? -1 : 1;
            if (before(sign * a.values[i], sign * b.values[i])) {
                return true;
            }
            if (before(sign * b.values[i], sign * a.values[i])) {
                return false;
            }
        }
        return a.id < b.id;
    });
}

std::string FrontTable::to_csv() const {
    std::string text = "id";
    for (const std::string& column : columns) {
        text += ',';
        text += input::csv_field(column);
    }
    text += ",genome\n";
    // At once: text that grows is held twice, and a front may have a hundred thousand members.
    constexpr std::size_t number_width = 20;
    std::size_t size = text.size();
    for (const FrontRow& row : rows) {
        size += row.genome.size() + (row.values.size() + 1) * number_width;
    }
    text.reserve(size);
    for (const FrontRow& row : rows) {
        text += std::to_string(row.id);
        for (const double value : row.values) {
            text += ',';
            text += std::isnan(value) ? std::string() : number_text(value);
        }
        text += ',';
        text += input::csv_field(row.genome);
        text += '\n';
    }
    return text;
}

bool can_write_onnx() noexcept {
#ifdef SOTTO_WITH_ONNX
    return true;
#else
    return false;
#endif
}

BestWriter::BestWriter(const RunDirectory& directory, std::size_t rows, bool with_onnx)
    : directory_(directory), digits_(std::max<std::size_t>(2, std::to_string(rows).size())), with_onnx_(with_onnx) {
    assert(!with_onnx || can_write_onnx());
    remove_tree(directory_.path() / partial_directory);
}

// What was not committed goes; an error here leaves files that the next writer removes.
BestWriter::~BestWriter() {
    std::error_code error;
    std::filesystem::remove_all(directory_.path() / partial_directory, error);
}

std::string BestWriter::add(std::size_t row, const arch::Network& network, const secure::SecureProgram& program,
                            std::string_view genome) {
    std::string number = std::to_string(row);
    number.insert(0, digits_ - std::min(digits_, number.size()), '0');
    const std::filesystem::path member = directory_.path() / partial_directory / number;
    write_unflushed(member / "network.yaml", arch::to_yaml(network));
    write_unflushed(member / "model.py", pytorch::to_pytorch(network));
    write_unflushed(member / "genome.txt", std::string(genome) + '\n');
    if (!program.operations.empty()) {
        write_unflushed(member / "secure_program.csv", secure::to_csv(program, network.name()));
    }
#ifdef SOTTO_WITH_ONNX
    if (with_onnx_) {
        try {
            write_unflushed(member / "network.onnx", onnx::to_onnx(network));
        } catch (const std::length_error& error) {
            throw RunError(directory_.path() / final_directory / number / "network.onnx", error.what());
        }
    }
#endif
    return (std::filesystem::path(final_directory) / number).string();
}

void BestWriter::commit() {
    const std::filesystem::path partial = directory_.path() / partial_directory;
    const std::filesystem::path final = directory_.path() / final_directory;
    std::error_code error;
    std::filesystem::create_directory(partial, error);
    if (!error) {
        flush_file_system(partial);
    }
    remove_tree(final);
    if (!error) {
        std::filesystem::rename(partial, final, error);
    }
    if (error) {
        throw RunError(final, with_reason("cannot be written", error.value()));
    }
    flush_directory(directory_.path());
}

}  // namespace sotto::run
