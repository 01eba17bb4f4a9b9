// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sotto::protocol {

/// What time is made of: each column is a number of things that one operation does, and a model has a price for each.
/// A model file names them as column_info does. Which columns a model has prices for depends on its Coupling.
enum class Column : std::uint8_t {
    // Convolutions. Of a `coupled` model also homomorphic normalisations, which are convolutions of one pixel and
    // channel.
    conv_operations,
    conv_input_ciphertexts,
    conv_output_ciphertexts,
    conv_scalar_products,
    conv_polynomial_products,
    conv_results,
    conv_outputs,
    conv_weights,
    conv_outputs_to_compare,
    conv_macs,
    conv_patch_elements,
    // Homomorphic normalisations.
    normalization_operations,
    normalization_ciphertexts,
    normalization_elements,
    // Elementwise products: normalisations that run so, squares.
    product_operations,
    product_elements,
    // Fully connected layers.
    fc_operations,
    fc_input_ciphertexts,
    fc_output_ciphertexts,
    fc_products,
    fc_weights,
    fc_root_weights,
    fc_uncached_weights_2_kib,
    fc_uncached_weights_8_kib,
    fc_uncached_weights_beyond_8_kib,
    // Non-linear operations.
    relu_operations,
    truncation_operations,
    max_pool_operations,
    max_pool_comparisons,
    average_pool_operations,
    average_pool_first,
    nonlinear_transfers,
    nonlinear_root_transfers,
    nonlinear_root_transfers_after_linear,
    relu_transfers,
    truncation_transfers,
    max_pool_transfers,
    average_pool_transfers,
    memory_transfers_out_of_cache,
    memory_transfers_saturated,
    memory_transfers_first_touch,
    pool_refills,
    // What crosses the link.
    link_upload_bytes,
    link_download_bytes,
    link_fc_bytes,
    link_nonlinear_bytes,
    link_linear_messages,
    link_nonlinear_messages,
    link_nonlinear_server_messages,
};
inline constexpr std::size_t column_count = static_cast<std::size_t>(Column::link_nonlinear_server_messages) + 1;

/// Columns that another machine makes dearer or cheaper together.
enum class CostGroup : std::uint8_t { linear, nonlinear, refill, link };
inline constexpr std::size_t cost_group_count = 4;
std::string_view cost_group_name(CostGroup group);

/// What a column's price is multiplied by besides: nothing (ms per unit), the time of one byte or one way on the link.
enum class LinkScale : std::uint8_t { none, byte, one_way };

struct ColumnInfo {
    std::string_view name;
    CostGroup group = CostGroup::linear;
    LinkScale scale = LinkScale::none;
    std::string_view meaning;
};
const ColumnInfo& column_info(Column column);
std::optional<Column> find_column(std::string_view name);

/// A value for each column.
using ColumnValues = std::array<double, column_count>;

/// The values of one operation: the columns that are not 0, fewer than most_entries. Numbers of things: no times, no
/// link.
struct FeatureRow {
    static constexpr std::size_t most_entries = 20;

    void clear() noexcept { size = 0; }
    void add(Column column, double value) noexcept {
        // Without a branch, which would often be taken wrong.
        columns[size] = column;
        values[size] = value;
        size += value != 0 ? 1U : 0U;
    }

    std::array<double, most_entries> values;
    std::array<Column, most_entries> columns;
    std::size_t size = 0;
};

/// Sum of value times price.
inline double dot(const FeatureRow& row, const ColumnValues& prices) noexcept {
    double sum = 0;
    for (std::size_t i = 0; i < row.size; ++i) {
        sum += row.values[i] * prices[static_cast<std::size_t>(row.columns[i])];
    }
    return sum;
}

}  // namespace sotto::protocol
