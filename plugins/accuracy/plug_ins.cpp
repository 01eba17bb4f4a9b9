// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/plug_ins.hpp"

#include <array>

#include "plugins/accuracy/arguments.hpp"
#include "plugins/accuracy/candidate_error.hpp"
#include "plugins/accuracy/combined.hpp"
#include "plugins/accuracy/declaration.hpp"
#include "plugins/accuracy/ensemble.hpp"
#include "plugins/accuracy/gradient_proxies.hpp"
#include "plugins/accuracy/naswot.hpp"
#include "plugins/accuracy/synflow.hpp"
#include "plugins/accuracy/training/trained.hpp"
#include "plugins/accuracy/training/trained_declaration.hpp"
#include "plugins/accuracy/zen.hpp"

namespace sotto::accuracy {
namespace {

constexpr sotto_metric synflow_metric =
    metric("accuracy.synflow", "natural logarithm of the synaptic flow, the sum over weights of |w dR/dw|");
constexpr sotto_metric naswot_metric =
    metric("accuracy.naswot",
           "natural logarithm of det(I + K), K the activation-pattern kernel of a batch of noise; 0: no activation",
           SOTTO_METRIC_NON_NEGATIVE);
constexpr sotto_metric score_metric =
    metric("accuracy.score", "synaptic flow and activation patterns in one, see docs/accuracy_proxies.md");

constexpr sotto_metric zen_metric =
    metric("accuracy.zen",
           "Zen-score: logarithm of how far a step of the images moves the features, with the "
           "deviations that batch normalisation takes out");
constexpr sotto_metric jacob_cov_metric = metric(
    "accuracy.jacob_cov",
    "decorrelation of the images' Jacobians, -ln(-S / images) of the paper's score S; at most 0, -11.5: all alike");
constexpr sotto_metric grad_norm_metric =
    metric("accuracy.grad_norm", "natural logarithm of the sum over layers of the gradient's norm");
constexpr sotto_metric snip_metric = metric("accuracy.snip", "natural logarithm of the sum over weights of |w dL/dw|");
constexpr sotto_metric grasp_metric =
    metric("accuracy.grasp", "sign(s) ln(1 + |s|), s the sum over weights of -w times the Hessian-gradient product");
constexpr sotto_metric fisher_metric =
    metric("accuracy.fisher", "natural logarithm of the sum over channels of their Fisher information");
constexpr sotto_metric ensemble_metric = metric(
    "accuracy.ensemble", "capacity, sharpness and trainability, weighted as fitted to NAS-Bench-201; 0: no activation",
    SOTTO_METRIC_NON_NEGATIVE);
constexpr sotto_metric capacity_metric =
    metric("accuracy.capacity", "the combined score: synaptic flow and activation patterns", SOTTO_METRIC_NON_NEGATIVE);
constexpr sotto_metric sharpness_metric =
    metric("accuracy.sharpness", "minus the share of layers on the signal's path that smooth and do not learn");
constexpr sotto_metric trainability_metric =
    metric("accuracy.trainability", "0, or less where the shortest path has more than 25 layers with weights");

constexpr std::array synflow_metrics{synflow_metric};
constexpr std::array naswot_metrics{naswot_metric};
constexpr std::array combined_metrics{score_metric, synflow_metric, naswot_metric};
constexpr std::array zen_metrics{zen_metric};
constexpr std::array jacob_cov_metrics{jacob_cov_metric};
constexpr std::array grad_norm_metrics{grad_norm_metric};
constexpr std::array snip_metrics{snip_metric};
constexpr std::array grasp_metrics{grasp_metric};
constexpr std::array fisher_metrics{fisher_metric};
constexpr std::array gradients_metrics{jacob_cov_metric, grad_norm_metric, snip_metric, grasp_metric, fisher_metric};
constexpr std::array ensemble_metrics{ensemble_metric, capacity_metric, sharpness_metric, trainability_metric};

constexpr const char* pattern_batch_help = "images of noise whose activation patterns are compared";
constexpr const char* repeats_help = "draws of weights and images that are averaged";
constexpr const char* size_help =
    "height and width of the images; 0, or more than the network's own: its own; a network that cannot take it is "
    "unsupported";
constexpr const char* growing_size_help =
    "height and width of the images; 0, or more than the network's own: its own; in steps of 32 more where a network "
    "needs it";

constexpr std::array synflow_parameters{integer_parameter("input_size", size_help, 0, 1024, "0"),
                                        memory_limit_parameter};
constexpr std::array naswot_parameters{integer_parameter("batch", pattern_batch_help, 2, 128, "16"),
                                       integer_parameter("repeats", repeats_help, 1, 64, "1"),
                                       integer_parameter("input_size", size_help, 0, 1024, "64"),
                                       memory_limit_parameter};
constexpr std::array combined_parameters{naswot_parameters[0], naswot_parameters[1],
                                         integer_parameter("input_size", growing_size_help, 0, 1024, "64"),
                                         memory_limit_parameter};
constexpr std::array gradient_parameters{
    integer_parameter("batch", "images that the network is differentiated at", 16, 128, "32"),
    text_parameter("images",
                   "noise, or a folder with a data set (IDX or CIFAR-10's layout), whose training images are "
                   "drawn from",
                   "noise"),
    integer_parameter("repeats", repeats_help, 1, 64, "1"),
    integer_parameter("input_size", growing_size_help, 0, 1024, "32"), memory_limit_parameter};

constexpr std::array zen_parameters{integer_parameter("batch", "images of noise that are moved", 2, 128, "16"),
                                    integer_parameter("repeats", repeats_help, 1, 64, "1"),
                                    integer_parameter("input_size", growing_size_help, 0, 1024, "32"),
                                    memory_limit_parameter};

constexpr std::array ensemble_parameters{
    naswot_parameters[0],
    naswot_parameters[1],
    integer_parameter("input_size", growing_size_help, 0, 1024, "64"),
    memory_limit_parameter,
    integer_parameter("fit_sample", "random members of the space that nas-run draws to fill 'fitted' with; 0: none", 0,
                      100000, "0"),
    text_parameter("fitted", "how the parts vary in the space, as nas-run writes it; nothing: as shipped", "")};

constexpr std::array table{
    PlugIn{describe("combined", "2", "synflow and NASWOT in one score, in which non-linearity counts", 35000,
                    combined_metrics, combined_parameters),
           make_combined},
    PlugIn{describe("ensemble", "3", "what ranked NAS-Bench-201 best: synflow, NASWOT, pools and paths", 40000,
                    ensemble_metrics, ensemble_parameters),
           make_ensemble},
    PlugIn{describe("synflow", "1", "synaptic flow (Tanaka et al. 2020): no data, does not see activations", 5000,
                    synflow_metrics, synflow_parameters),
           make_synflow},
    PlugIn{describe("naswot", "2", "activation patterns of a batch of noise (Mellor et al. 2021)", 25000,
                    naswot_metrics, naswot_parameters),
           make_naswot},
    PlugIn{describe("jacob-cov", "2", "correlation of the images' Jacobians (Mellor et al. 2020, version 1)", 170000,
                    jacob_cov_metrics, gradient_parameters),
           make_jacob_cov},
    PlugIn{describe("grad-norm", "2", "norm of the gradient (Abdelfattah et al. 2021)", 245000, grad_norm_metrics,
                    gradient_parameters),
           make_grad_norm},
    PlugIn{describe("snip", "2", "connection sensitivity (Lee et al. 2019)", 255000, snip_metrics, gradient_parameters),
           make_snip},
    PlugIn{describe("grasp", "2", "preserved gradient flow (Wang et al. 2020)", 450000, grasp_metrics,
                    gradient_parameters),
           make_grasp},
    PlugIn{describe("fisher", "2", "Fisher information of channels (Turner et al. 2020)", 275000, fisher_metrics,
                    gradient_parameters),
           make_fisher},
    PlugIn{describe("gradients", "2", "jacob_cov, grad_norm, snip, grasp and fisher from shared passes", 665000,
                    gradients_metrics, gradient_parameters),
           make_gradients},
    PlugIn{describe("zen", "1", "Zen-score (Lin et al. 2021): sensitivity of the features to the images", 80000,
                    zen_metrics, zen_parameters),
           make_zen},
    PlugIn{trained_descriptor, make_trained}};

}  // namespace

std::span<const PlugIn> plug_ins() {
    return table;
}

const PlugIn& find_plug_in(std::string_view id) {
    std::string known;
    for (const PlugIn& plug_in : table) {
        if (id == plug_in.descriptor.id) {
            return plug_in;
        }
        known += (known.empty() ? "" : ", ") + std::string(plug_in.descriptor.id);
    }
    throw CandidateError(SOTTO_INVALID_ARGUMENT, "no accuracy proxy '" + std::string(id) + "'; known: " + known);
}

std::unique_ptr<Evaluator> make_evaluator(std::string_view id, const std::map<std::string, std::string>& parameters,
                                          const sotto_host* host) {
    const PlugIn& plug_in = find_plug_in(id);
    return plug_in.make(Arguments(plug_in.descriptor, parameters), host);
}

}  // namespace sotto::accuracy
