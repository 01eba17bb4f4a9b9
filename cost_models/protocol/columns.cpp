// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/columns.hpp"

namespace sotto::protocol {
namespace {

using enum CostGroup;
using enum LinkScale;

// In the order of Column.
constexpr std::array<ColumnInfo, column_count> infos = {{
    {"conv.operations", linear, none, "1"},
    {"conv.input_ciphertexts", linear, none, "ciphertexts from the client"},
    {"conv.output_ciphertexts", linear, none, "ciphertexts from the server"},
    {"conv.scalar_products", linear, none, "products with a single coefficient"},
    {"conv.polynomial_products", linear, none, "products of polynomials"},
    {"conv.results", linear, none, "results at stride 1, before a stride drops some; 0 for a normalisation"},
    {"conv.outputs", linear, none, "elements of the output"},
    {"conv.weights", linear, none, "weights; 0 for a normalisation"},
    {"conv.outputs_to_compare", linear, none, "elements of the output where no pool comes next"},
    {"conv.macs", linear, none, "multiplications in the clear; 0 for a normalisation"},
    {"conv.patch_elements", linear, none, "elements of the image as columns, macs / filters; 0 for a normalisation"},
    {"normalization.operations", linear, none, "1"},
    {"normalization.ciphertexts", linear, none, "ciphertexts from the client, as many as from the server"},
    {"normalization.elements", linear, none, "elements of the output"},
    {"product.operations", linear, none, "1"},
    {"product.elements", linear, none, "elements of the output"},
    {"fc.operations", linear, none, "1"},
    {"fc.input_ciphertexts", linear, none, "ciphertexts from the client"},
    {"fc.output_ciphertexts", linear, none, "ciphertexts from the server"},
    {"fc.products", linear, none, "products of polynomials"},
    {"fc.weights", linear, none, "weights"},
    {"fc.root_weights", linear, none, "square root of the weights"},
    {"fc.uncached_weights_2_kib", linear, none,
     "weights beyond the first million where columns are a multiple of 256, 8 bytes each"},
    {"fc.uncached_weights_8_kib", linear, none, "the same for a multiple of 1024"},
    {"fc.uncached_weights_beyond_8_kib", linear, none, "the same times the factors of 2 beyond 1024"},
    {"relu.operations", nonlinear, none, "1"},
    {"truncation.operations", nonlinear, none, "1"},
    {"max_pool.operations", nonlinear, none, "1"},
    {"max_pool.comparisons", nonlinear, none, "comparisons one after the other, window - 1"},
    {"average_pool.operations", nonlinear, none, "1"},
    {"average_pool.first", nonlinear, none, "1 for the first average pool of a program"},
    {"nonlinear.transfers", nonlinear, none, "transfers drawn from the forward pools of all threads"},
    {"nonlinear.root_transfers", nonlinear, none, "transfers / sqrt(elements)"},
    {"nonlinear.root_transfers_after_linear", nonlinear, none, "the same where a linear operation ran before"},
    {"relu.transfers", nonlinear, none, "transfers of a ReLU"},
    {"truncation.transfers", nonlinear, none, "transfers of a truncation"},
    {"max_pool.transfers", nonlinear, none, "transfers of a max pool"},
    {"average_pool.transfers", nonlinear, none, "transfers of an average pool"},
    {"memory.transfers_out_of_cache", nonlinear, none,
     "forward transfers of one comparison round of one thread beyond 1.5 million, times rounds"},
    {"memory.transfers_saturated", nonlinear, none, "the same beyond 28 million"},
    {"memory.transfers_first_touch", nonlinear, none,
     "forward transfers of a round beyond the largest round before in the program"},
    {"pool.refills", refill, none, "refills, both directions"},
    {"link.upload_bytes", link, byte, "bytes from the client, linear operations but fully connected layers"},
    {"link.download_bytes", link, byte, "bytes from the server, the same operations"},
    {"link.fc_bytes", link, byte, "bytes both ways of fully connected layers"},
    {"link.nonlinear_bytes", link, byte, "bytes both ways of non-linear operations, refills included"},
    {"link.linear_messages", link, one_way, "messages that wait for the one before, linear operations"},
    {"link.nonlinear_messages", link, one_way, "the same, non-linear operations"},
    {"link.nonlinear_server_messages", link, one_way, "those of them that the server waits for"},
}};

constexpr std::array<std::string_view, cost_group_count> group_names = {"linear", "nonlinear", "refill", "link"};

}  // namespace

std::string_view cost_group_name(CostGroup group) {
    return group_names[static_cast<std::size_t>(group)];
}

const ColumnInfo& column_info(Column column) {
    return infos[static_cast<std::size_t>(column)];
}

std::optional<Column> find_column(std::string_view name) {
    for (std::size_t i = 0; i < column_count; ++i) {
        if (infos[i].name == name) {
            return static_cast<Column>(i);
        }
    }
    return std::nullopt;
}

}  // namespace sotto::protocol
