// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/fit/model_form.hpp"

#include <initializer_list>

namespace sotto::protocol {
namespace {

using enum Column;

// What a link takes is known, so that prices of computing do not take it in.
constexpr double link_trust = 30;

struct Belief {
    Column column;
    double price;
    double trust = 1;
};

void believe(Prior& prior, std::initializer_list<Belief> beliefs) {
    for (const Belief& belief : beliefs) {
        prior.price[static_cast<std::size_t>(belief.column)] = belief.price;
        prior.trust[static_cast<std::size_t>(belief.column)] = belief.trust;
    }
}

// Prices that are left to the data.
void leave_open(Prior& prior, std::initializer_list<Column> columns) {
    for (const Column column : columns) {
        prior.price[static_cast<std::size_t>(column)] = 1;
        prior.trust[static_cast<std::size_t>(column)] = 0;
    }
}

Prior& of(ModelForm& form, Target target) {
    return form.priors[static_cast<std::size_t>(target)];
}

// The published measurements: 46 networks, ten times and more on machines that do not drift.
ModelForm coupled_form() {
    ModelForm form;
    form.coupling = Coupling::coupled;
    form.repetitions = Repetitions::mean;
    for (const Target target : {Target::client, Target::server}) {
        leave_open(of(form, target),
                   {conv_operations, conv_input_ciphertexts, conv_output_ciphertexts, conv_scalar_products,
                    conv_polynomial_products, conv_results, conv_outputs, conv_weights, product_operations,
                    product_elements, fc_operations, fc_weights, fc_root_weights, fc_uncached_weights_2_kib,
                    fc_uncached_weights_8_kib, fc_uncached_weights_beyond_8_kib});
        believe(of(form, target), {{link_upload_bytes, 1, link_trust},
                                   {link_download_bytes, 1, link_trust},
                                   {link_fc_bytes, 1, link_trust},
                                   {link_linear_messages, 1, link_trust}});
    }
    leave_open(of(form, Target::client),
               {conv_outputs_to_compare, conv_macs, conv_patch_elements, relu_operations, truncation_operations,
                max_pool_comparisons, average_pool_operations, nonlinear_transfers, nonlinear_root_transfers,
                nonlinear_root_transfers_after_linear, average_pool_transfers, pool_refills});
    believe(of(form, Target::client),
            {{link_nonlinear_bytes, 1, link_trust}, {link_nonlinear_messages, 1, link_trust}});
    leave_open(of(form, Target::wait),
               {conv_operations, conv_input_ciphertexts, conv_output_ciphertexts, conv_outputs, conv_weights,
                conv_outputs_to_compare, conv_macs, conv_patch_elements, product_operations, product_elements,
                fc_operations, fc_weights, fc_uncached_weights_2_kib, fc_uncached_weights_8_kib});
    believe(of(form, Target::wait), {{link_linear_messages, 0.5, link_trust}});
    return form;
}

// Our own: 36 networks, two to four times, on one machine that drifts by tens of percent. Milliseconds of one core.
ModelForm separated_form() {
    ModelForm form;
    form.coupling = Coupling::separated;
    form.repetitions = Repetitions::minimum;
    form.recipe.adapts_beliefs = true;
    form.recipe.sets_level = true;
    for (const Target target : {Target::client, Target::server}) {
        const bool is_client = target == Target::client;
        believe(of(form, target), {{conv_operations, 1},
                                   {conv_input_ciphertexts, 0.7},
                                   {conv_output_ciphertexts, 0.5},
                                   {conv_scalar_products, 0.012},
                                   {conv_polynomial_products, 0.065},
                                   {conv_results, 1.1e-4},
                                   {conv_weights, 1.5e-5},
                                   {normalization_operations, 1},
                                   {normalization_ciphertexts, 1.2},
                                   {normalization_elements, 1.1e-4},
                                   {fc_operations, 1},
                                   {fc_input_ciphertexts, 0.7},
                                   {fc_output_ciphertexts, 0.5},
                                   {fc_products, 0.14},
                                   {relu_operations, 0.45},
                                   {truncation_operations, 0.2},
                                   {max_pool_operations, 0.2},
                                   {max_pool_comparisons, 0.3},
                                   {average_pool_operations, 1},
                                   {average_pool_first, 8},
                                   {relu_transfers, 7e-5},
                                   {truncation_transfers, 4.5e-5},
                                   {max_pool_transfers, 7e-5},
                                   {average_pool_transfers, 7e-5},
                                   {memory_transfers_out_of_cache, 1e-5, 0.05},
                                   {memory_transfers_saturated, 2e-5, 0.3},
                                   {memory_transfers_first_touch, 1.2e-5, 0.05},
                                   {pool_refills, 320},
                                   {link_upload_bytes, 1, link_trust},
                                   {link_download_bytes, is_client ? 1.0 : 0.1, link_trust},
                                   {link_fc_bytes, 0.5, link_trust},
                                   {link_nonlinear_bytes, 1, link_trust}});
        // The server hands its last message to the link and is done.
        if (is_client) {
            believe(of(form, target),
                    {{link_linear_messages, 1, link_trust}, {link_nonlinear_messages, 1, link_trust}});
        } else {
            believe(of(form, target), {{link_nonlinear_server_messages, 1, link_trust}});
        }
    }
    return form;
}

}  // namespace

ModelForm model_form(std::string_view engine) {
    return engine == "opencheetah-2022" ? coupled_form() : separated_form();
}

}  // namespace sotto::protocol
